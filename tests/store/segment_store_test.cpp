#include "tests/store/store_stage.h"
#include "tests/support/run_tests.h"

#include <set>

namespace signalbox::store {

namespace {

SegmentStoreOptions small_options(Medium medium) {
    // So small that a few hundred messages make many of everything.
    return {.stream = 7,
            .medium = medium,
            .directory = "/data/7",
            .block_bytes = 400,
            .smallest_segment = 2000,
            .largest_segment = 6000};
}

/// Does the same at random to a store and to one that is plainly right, and compares all answers.
class TwoStores {
public:
    TwoStores(std::uint64_t seed, Medium medium)
        : stage(seed, 3000), random_(seed), medium_(medium), plain(stage.world->turn(), medium) {
        make_store();
    }

    void step() {
        stage.world->run([&] { change(); });
        if (random_.below(4) == 0) {
            look();
        }
        if (medium_ == Medium::File && random_.below(60) == 0) {
            reopen();
        }
    }

    /// What differs; empty when nothing does.
    std::string difference;

private:
    void make_store() {
        store = std::make_unique<SegmentStore>(*stage.world, stage.log, *stage.cache,
                                               small_options(medium_));
    }

    std::string subject() {
        static constexpr char const* kTokens[] = {"a", "b", "c", "orders", "x"};
        std::string subject = kTokens[random_.below(5)];
        for (std::uint64_t more = random_.below(3); more > 0; --more) {
            base::append(subject, '.', kTokens[random_.below(5)]);
        }
        return subject;
    }

    void append() {
        Sequence const sequence =
            plain.state().last + 1 + (random_.below(10) == 0 ? random_.below(5) : 0);
        std::string const on = subject();
        std::string const headers = random_.below(3) == 0 ? "NATS/1.0\r\nA: b\r\n\r\n" : "";
        std::string const payload(random_.below(random_.below(50) == 0 ? 1500 : 90), 'p');
        time_ += static_cast<std::int64_t>(random_.below(2000)) - 50;
        StoredMessage const message{.sequence = sequence,
                                    .time = WallTime(Duration(time_)),
                                    .subject = on,
                                    .headers = headers,
                                    .payload = payload};
        CHECK(store->append(message).ok());
        CHECK(plain.append(message).ok());
    }

    Sequence any_sequence() {
        Sequence const first = plain.state().first;
        return first + random_.below(plain.state().last - first + 3);
    }

    void change() {
        std::uint64_t const dice = random_.below(100);
        if (dice < 70) {
            append();
        } else if (dice < 94) {
            Sequence const sequence = dice < 80 ? plain.state().first : any_sequence();
            EraseMode const mode =
                random_.below(10) == 0 ? EraseMode::Overwrite : EraseMode::Forget;
            bool const there = plain.erase(sequence, mode).value();
            same("erase", store->erase(sequence, mode).value(), there);
        } else if (dice < 97) {
            Sequence const first = plain.state().first + random_.below(20);
            CHECK(store->compact(first).ok());
            CHECK(plain.compact(first).ok());
        } else if (dice < 98) {
            Sequence const last = plain.state().last + random_.below(4);
            store->skip(last);
            plain.skip(last);
        }
    }

    template <class A, class B>
    void same(char const* what, A const& a, B const& b) {
        if (difference.empty() && a != b) {
            difference = concat(what, " after ", plain.state().last, ": ", a, " not ", b);
        }
    }

    void same_state() {
        StoreState const& a = store->state();
        StoreState const& b = plain.state();
        same("messages", a.messages, b.messages);
        same("bytes", a.bytes, b.bytes);
        same("first", a.first, b.first);
        same("last", a.last, b.last);
        same("first time", a.first_time.since_epoch().count(), b.first_time.since_epoch().count());
        same("last time", a.last_time.since_epoch().count(), b.last_time.since_epoch().count());
        same("deleted", a.deleted, b.deleted);
        same("subjects", a.subjects, b.subjects);
    }

    void same_load(char const* what, std::function<Result<Load>(StreamStore&)> const& load) {
        same(what, stage.text_of(*store, [&] { return load(*store); }),
             stage.text_of(plain, [&] { return load(plain); }));
    }

    void look() {
        same_state();
        std::string const texts[] = {subject(), subject() + ".*", "*." + subject(), "orders.>"};
        std::vector<subject::Filter> all;
        for (std::string const& text : texts) {
            all.push_back(subject::Filter::parse(text).value());
        }
        Filters const filters = Filters(all).subspan(random_.below(all.size() + 1));
        Filters const one = Filters(all).first(1);
        Sequence const at = any_sequence();
        same_load("load", [&](StreamStore& s) { return s.load(at); });
        same_load("next", [&](StreamStore& s) { return s.load_next(filters, at); });
        same_load("next of one", [&](StreamStore& s) { return s.load_next(one, at); });
        same_load("previous", [&](StreamStore& s) { return s.load_previous(filters, at); });
        same_load("previous of one", [&](StreamStore& s) { return s.load_previous(one, at); });
        same_load("last", [&](StreamStore& s) { return s.load_last(texts[0]); });
        same_load("last up to", [&](StreamStore& s) { return s.load_last(texts[0], at); });
        same("totals", text(store->totals(filters)), text(plain.totals(filters)));
        same("count", store->count_from(filters, at), plain.count_from(filters, at));
        same("subjects", subjects(*store, all[random_.below(4)]), "");
        WallTime const time(Duration(time_ - static_cast<std::int64_t>(random_.below(50'000))));
        same("time", store->first_not_before(time), plain.first_not_before(time));
        same("deleted", deleted(*store), deleted(plain));
    }

    static std::string text(FilterTotals const& totals) {
        return concat(totals.messages, " ", totals.subjects, " ", totals.last);
    }

    /// What differs between the subjects of both.
    std::string subjects(StreamStore const& other, subject::Filter filter) {
        std::string texts[2];
        StreamStore const* const stores[] = {&other, &plain};
        for (int i = 0; i < 2; ++i) {
            stores[i]->visit_subjects(filter, [&](SubjectState const& state) {
                base::append(texts[i], state.subject, ' ', state.messages, ' ', state.first, ' ',
                             state.last, '\n');
                return true;
            });
        }
        return texts[0] == texts[1] ? std::string() : texts[0] + " and " + texts[1];
    }

    static std::string deleted(StreamStore const& store) {
        std::string text;
        store.visit_deleted([&](Sequence first, Sequence last) {
            base::append(text, first, '-', last, ' ');
            return true;
        });
        return text;
    }

    /// What was saved and synced is opened again, by a new process.
    void reopen() {
        std::string saved;
        bool synced = false;
        stage.world->run([&] {
            saved = store->save();
            store->sync([&](Result<void> const& done) { synced = done.ok(); });
        });
        CHECK(stage.universe.simulation().run_until([&] { return synced; }, base::seconds(10)));
        // What is done after is not in what was saved, and may lie in the files nevertheless.
        if (random_.below(2) == 0) {
            stage.world->run([&] {
                for (int i = 0; i < 30; ++i) {
                    StoredMessage const message{.sequence = store->state().last + 1,
                                                .subject = "not.there",
                                                .payload = "after the checkpoint"};
                    CHECK(store->append(message).ok());
                }
            });
            stage.settle();
        }
        store.reset();
        stage.restart();
        stage.universe.simulation().lose_unsynced("m");
        make_store();
        bool opened = false;
        stage.world->run(
            [&] { store->open(saved, [&](Result<void> const& done) { opened = done.ok(); }); });
        CHECK(stage.universe.simulation().run_until([&] { return opened; }, base::seconds(10)));
        same("damaged", store->damaged(), std::uint64_t{0});
        same_state();
    }

public:
    StoreStage stage;

private:
    sim::SimEntropy random_;
    Medium medium_;
    std::int64_t time_ = 1'000'000'000;

public:
    std::unique_ptr<SegmentStore> store;
    MemoryStore plain;
};

}  // namespace

/// The store of segments answers as one does that is plainly right.
class SegmentStoreTest : public QObject {
    Q_OBJECT

private slots:
    void any_history_is_answered_as_by_plain_maps_data() {
        QTest::addColumn<bool>("file");
        QTest::newRow("in memory") << false;
        QTest::newRow("in files") << true;
    }

    void any_history_is_answered_as_by_plain_maps() {
        QFETCH(bool, file);
        for (std::uint64_t seed = 1; seed <= 12; ++seed) {
            TwoStores both(seed, file ? Medium::File : Medium::Memory);
            for (int i = 0; i < 1500 && both.difference.empty(); ++i) {
                both.step();
            }
            QVERIFY2(
                both.difference.empty(),
                qPrintable(QString::fromStdString(concat("seed ", seed, ": ", both.difference))));
        }
    }

    void what_is_left_of_sparse_segments_moves_together() {
        StoreStage stage(3);
        SegmentStore store(*stage.world, stage.log, *stage.cache, small_options(Medium::File));
        std::map<Sequence, std::string> kept;
        stage.world->run([&] {
            for (Sequence i = 1; i <= 600; ++i) {
                StoredMessage const message{.sequence = i,
                                            .time = WallTime(Duration(static_cast<int>(i))),
                                            .subject = i % 40 == 0 ? "a" : "b",
                                            .payload = "some text that takes up room"};
                QVERIFY(store.append(message).ok());
                if (i % 20 == 0) {
                    kept[i] = StoreStage::text_of(message);
                }
            }
        });
        stage.settle();
        auto const bytes = [&] {
            std::size_t sum = 0;
            for (auto const& [path, file] : stage.universe.simulation().files_of("m")) {
                sum += file.content.size();
            }
            return sum;
        };
        std::size_t const before = bytes();
        stage.world->run([&] {
            for (Sequence i = 1; i <= 600; ++i) {
                if (!kept.contains(i)) {
                    QVERIFY(store.erase(i, EraseMode::Forget).ok());
                }
            }
        });
        stage.settle();
        // The old files are given back once no checkpoint needs them.
        std::vector<std::string> const retired = store.take_retired();
        QVERIFY(retired.size() > 10);
        for (std::string const& name : retired) {
            stage.universe.simulation().files_of("m").erase("/data/7/" + name);
        }
        QVERIFY(bytes() * 3 < before);
        for (auto const& each : kept) {
            QCOMPARE(stage.text_of(store, [&] { return store.load(each.first); }), each.second);
        }
        QCOMPARE(store.state().messages, std::uint64_t{kept.size()});
        QCOMPARE(store.subject_state("a")->messages, std::uint64_t{15});
    }

    void what_was_overwritten_lies_nowhere_any_more_data() {
        QTest::addColumn<int>("more");
        QTest::newRow("in the open block") << 0;
        QTest::newRow("in a written block") << 6;
        QTest::newRow("in a sealed segment") << 200;
    }

    void what_was_overwritten_lies_nowhere_any_more() {
        QFETCH(int, more);
        StoreStage stage(4);
        SegmentStore store(*stage.world, stage.log, *stage.cache, small_options(Medium::File));
        stage.world->run([&] {
            QVERIFY(store.append({.sequence = 1, .subject = "a", .payload = "the secret"}).ok());
            for (int i = 0; i < more; ++i) {
                QVERIFY(store
                            .append({.sequence = store.state().last + 1,
                                     .subject = "b",
                                     .payload = std::string(80, 'x')})
                            .ok());
            }
        });
        stage.settle();
        stage.world->run([&] { QVERIFY(store.erase(1, EraseMode::Overwrite).value()); });
        stage.settle();
        std::string saved;
        bool synced = false;
        stage.world->run([&] {
            saved = store.save();
            store.sync([&](Result<void> const& done) { synced = done.ok(); });
        });
        stage.settle();
        QVERIFY(synced);
        std::vector<std::string> const retired = store.take_retired();
        for (auto const& entry : stage.universe.simulation().files_of("m")) {
            bool const to_be_wiped = std::ranges::any_of(retired, [&](std::string const& name) {
                return name.starts_with(SegmentStore::kWipe) &&
                       entry.first.ends_with(name.substr(SegmentStore::kWipe.size()));
            });
            QVERIFY(to_be_wiped || entry.second.content.find("the secret") == std::string::npos);
        }
        QCOMPARE(stage.text_of(store, [&] { return store.load(1); }), std::string("-"));
        QCOMPARE(store.state().messages, static_cast<std::uint64_t>(more));
        if (more > 0) {
            QVERIFY(stage.text_of(store, [&] { return store.load(2); }).starts_with("2 "));
        }
    }

    void a_sequence_that_was_used_is_refused() {
        StoreStage stage(1);
        SegmentStore store(*stage.world, stage.log, *stage.cache, small_options(Medium::Memory));
        QVERIFY(store.append({.sequence = 3, .subject = "a"}).ok());
        Result<void> const again = store.append({.sequence = 3, .subject = "a"});
        QVERIFY(!again.ok() && again.error().code() == Errc::InvalidArgument);
    }

    void sizes_are_counted_as_the_reference_counts() {
        StoredMessage const message{.subject = "abc", .headers = "12345", .payload = "xy"};
        QCOMPARE(counted_size(message, Medium::File), std::uint64_t{22 + 3 + 4 + 5 + 2 + 8});
        QCOMPARE(counted_size(message, Medium::Memory), std::uint64_t{3 + 5 + 2 + 16});
        StoredMessage const plain{.subject = "abc", .payload = "xy"};
        QCOMPARE(counted_size(plain, Medium::File), std::uint64_t{22 + 3 + 2 + 8});
    }
};

SIGNALBOX_TEST(SegmentStoreTest);

}  // namespace signalbox::store

#include "segment_store_test.moc"
