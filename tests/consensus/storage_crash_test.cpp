#include "tests/consensus/storage_stage.h"
#include "tests/support/run_tests.h"

#include <algorithm>
#include <set>

namespace signalbox::consensus {

namespace {

/// What was done to one stream, as its clients know it.
struct Known {
    std::vector<std::string> proposed;  ///< Every message, in order.
    std::map<store::Sequence, std::string> acknowledged;
    std::set<store::Sequence> erased;  ///< Or about to be: an erasure may be under way.
    bool created = false;
};

std::string payload_of(std::uint64_t number) {
    return concat("s.", number % 7, " ", std::string(20 + number * 37 % 150, 'a'), number);
}

/// A small history: two streams, messages in bursts, erasures, checkpoints.
class History {
public:
    explicit History(StorageStage& stage) : stage_(stage) {}

    /// True when it came to its end.
    bool run() {
        for (int i = 0; i < 2; ++i) {
            StreamId const id = stage_.create({.description = concat("stream ", i)});
            known[id].created = stage_.created;
            if (!stage_.created) {
                return false;
            }
        }
        for (std::uint64_t round = 0; round < 9; ++round) {
            for (auto& [id, one] : known) {
                burst(id, one, 1 + round * 3 % 8);
            }
            stage_.run_for(base::milliseconds(2));
            note();
            erase_some(round);
            if (round % 3 == 2 && !stage_.checkpoint()) {
                note();
                return false;
            }
        }
        stage_.run_for(base::milliseconds(100));
        note();
        return true;
    }

    void burst(StreamId id, Known& one, std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) {
            std::string const message = payload_of(one.proposed.size() + id * 1000);
            stage_.propose(id, "+" + message);
            one.proposed.push_back(message);
        }
    }

    /// What was applied on the leader was acknowledged.
    void note() {
        for (auto const& [id, ledger] : stage_.ledgers) {
            for (auto const& [sequence, text] : ledger->acknowledged) {
                known[id].acknowledged[sequence] = text;
            }
        }
    }

    std::map<StreamId, Known> known;

private:
    void erase_some(std::uint64_t round) {
        StreamId const id = known.begin()->first;
        Known& one = known.begin()->second;
        if (round % 2 == 1) {
            store::Sequence const sequence = 1 + round * 2;
            one.erased.insert(sequence);
            stage_.propose(id, concat("-", sequence));
        } else if (round == 6) {
            for (store::Sequence sequence = 1; sequence < 12; ++sequence) {
                one.erased.insert(sequence);
            }
            stage_.propose(id, "<12");
        }
    }

    StorageStage& stage_;
};

/// Empty when all that was acknowledged is there and nothing else is.
std::string verdict(StorageStage& stage, std::map<StreamId, Known> const& known) {
    for (auto const& [id, one] : known) {
        KeptStream* const kept = stage.storage->find(id);
        if (kept == nullptr) {
            if (one.created) {
                return concat("stream ", id, " is lost");
            }
            continue;
        }
        for (auto const& [sequence, text] : one.acknowledged) {
            std::string const found = stage.message(id, sequence);
            if (found != text && !(found == "-" && one.erased.contains(sequence))) {
                return concat("stream ", id, " message ", sequence, " is ", found, " not ", text);
            }
        }
        store::Sequence const last = kept->store->state().last;
        if (last > one.proposed.size()) {
            return concat("stream ", id, " has more than was proposed");
        }
        for (store::Sequence sequence = 1; sequence <= last; ++sequence) {
            std::string const found = stage.message(id, sequence);
            if (found != one.proposed[sequence - 1] &&
                !(found == "-" && one.erased.contains(sequence))) {
                return concat("stream ", id, " message ", sequence, " is ", found, ", invented");
            }
        }
    }
    return {};
}

QString text(std::string const& what) {
    return QString::fromStdString(what);
}

}  // namespace

/// What was acknowledged is there after anything that may happen to one machine.
class StorageCrashTest : public QObject {
    Q_OBJECT

private slots:
    void nothing_acknowledged_is_lost_wherever_the_machine_stops_data() {
        QTest::addColumn<bool>("power_cut");
        QTest::newRow("killed") << false;
        QTest::newRow("power cut") << true;
    }

    void nothing_acknowledged_is_lost_wherever_the_machine_stops() {
        QFETCH(bool, power_cut);
        bool ended = false;
        for (std::uint64_t changes = 0; !ended; ++changes) {
            StorageStage stage(changes + 1);
            std::map<StreamId, Known> known;
            if (stage.start(changes)) {
                History history(stage);
                ended = history.run();
                history.note();
                known = history.known;
            }
            stage.stop(power_cut);
            std::string const at = concat(" after ", changes, " changes");
            QVERIFY2(stage.start(), qPrintable(text("not opened" + at + ": " + stage.failure)));
            std::string const wrong = verdict(stage, known);
            QVERIFY2(wrong.empty(), qPrintable(text(wrong + at)));
            QVERIFY2(!stage.storage->health().damage_found,
                     qPrintable(text("damage" + at + ": " + base::join(stage.lines.lines, "\n"))));
            QCOMPARE(stage.lines.errors, 0);
            QVERIFY(changes < 3000);
        }
    }

    void nothing_is_lost_over_many_power_cuts() {
        for (std::uint64_t seed = 1; seed <= 40; ++seed) {
            StorageStage stage(seed);
            sim::SimEntropy random(seed);
            std::map<StreamId, Known> known;
            for (int life = 0; life < 6; ++life) {
                QVERIFY2(stage.start(), qPrintable(text(concat("seed ", seed, stage.failure))));
                std::string const wrong = verdict(stage, known);
                QVERIFY2(wrong.empty(), qPrintable(text(concat("seed ", seed, ": ", wrong))));
                History history(stage);
                history.known = known;
                for (auto& [id, one] : history.known) {
                    // What was under way is there or not; from here on that is known.
                    one.proposed.resize(stage.storage->find(id)->store->state().last);
                }
                if (known.empty()) {
                    StreamId const id = stage.create({.description = "one"});
                    history.known[id].created = true;
                }
                for (std::uint64_t rounds = random.below(30); rounds > 0; --rounds) {
                    for (auto& [id, one] : history.known) {
                        history.burst(id, one, random.below(6));
                    }
                    stage.run_for(base::microseconds(static_cast<std::int64_t>(
                        random.below(random.below(10) == 0 ? 90'000 : 400))));
                    history.note();
                    if (random.below(12) == 0) {
                        QVERIFY(stage.checkpoint());
                        history.note();
                    }
                }
                known = history.known;
                stage.stop(random.below(4) != 0);
            }
            QCOMPARE(stage.lines.errors, 0);
        }
    }

    void a_clean_stop_leaves_nothing_to_replay() {
        StorageStage stage(5);
        QVERIFY(stage.start());
        History history(stage);
        QVERIFY(history.run());
        QVERIFY(stage.close());
        stage.stop(true);
        QVERIFY(stage.start());
        QCOMPARE(verdict(stage, history.known), std::string());
        for (auto const& [id, ledger] : stage.ledgers) {
            // All came from the checkpoint: the ledger was told of no message anew.
            QVERIFY(ledger->acknowledged.empty());
            QVERIFY(ledger->applied > 0);
        }
    }

    void settings_are_kept_and_removed_streams_stay_removed() {
        StorageStage stage(6);
        QVERIFY(stage.start());
        StreamId const first = stage.create({.description = "a"});
        StreamId const second = stage.create({.description = "b", .relaxed = true});
        StreamId const third = stage.create({.description = "m", .medium = store::Medium::Memory});
        bool changed = false;
        bool removed = false;
        stage.propose(first, "+a.b hello");
        stage.world->run([&] {
            stage.storage->change(second, {.description = "c"},
                                  [&](Result<void> const& done) { changed = done.ok(); });
            stage.storage->remove(first, [&](Result<void> const& done) { removed = done.ok(); });
            stage.ledgers.erase(first);
        });
        QVERIFY(stage.wait([&] { return changed && removed; }));
        for (int i = 0; i < 3; ++i) {
            stage.stop(true);
            QVERIFY(stage.start());
            QCOMPARE(stage.storage->streams().size(), 2U);
            QVERIFY(stage.storage->find(first) == nullptr);
            QCOMPARE(stage.storage->find(second)->settings.description, std::string("c"));
            QVERIFY(!stage.storage->find(second)->settings.relaxed);
            QVERIFY(stage.storage->find(third)->settings.medium == store::Medium::Memory);
            QVERIFY(stage.checkpoint());
        }
        // An id is never given again.
        QVERIFY(stage.create({.description = "d"}) > third);
        QCOMPARE(stage.storage->health().quarantined, std::uint64_t{0});
    }

    void what_belongs_to_no_stream_is_set_aside() {
        StorageStage stage(7);
        QVERIFY(stage.start());
        stage.create({.description = "a"});
        QVERIFY(stage.close());
        stage.stop(true);
        stage.files()["/data/streams/0000000042/0000000001.segment"].content = "somebody's";
        QVERIFY(stage.start());
        stage.run_for(base::milliseconds(50));
        QCOMPARE(stage.storage->health().quarantined, std::uint64_t{1});
        bool kept = false;
        for (auto const& [path, file] : stage.files()) {
            kept = kept || (path.starts_with("/data/quarantine/0000000042-") &&
                            file.content == "somebody's");
        }
        QVERIFY(kept);
    }

    void relaxed_streams_apply_before_the_disk_answers() {
        StorageStage stage(8);
        QVERIFY(stage.start());
        StreamId const id = stage.create({.description = "a", .relaxed = true});
        stage.propose(id, "+a hello");
        QCOMPARE(stage.ledgers[id]->applied, std::uint64_t{1});
        // A process that is killed loses nothing of it.
        stage.run_for(base::milliseconds(5));
        stage.stop(false);
        QVERIFY(stage.start());
        QCOMPARE(stage.message(id, 1), std::string("a hello"));
    }

    void a_failed_sync_ends_all_acknowledging_and_loses_nothing() {
        StorageStage stage(9);
        QVERIFY(stage.start());
        StreamId const id = stage.create({.description = "a"});
        stage.propose(id, "+a one");
        stage.run_for(base::milliseconds(5));
        stage.world->disk().faults().next_sync_fails = true;
        stage.propose(id, "+a two");
        stage.propose(id, "+a three");
        stage.run_for(base::milliseconds(5));
        QCOMPARE(stage.ledgers[id]->applied, std::uint64_t{1});
        QVERIFY(stage.ledgers[id]->failed);
        QVERIFY(!stage.ledgers[id]->leader);
        QVERIFY(!stage.storage->health().failure.empty());
        stage.propose(id, "+a four");
        QVERIFY(stage.refused);
        QCOMPARE(stage.message(id, 1), std::string("a one"));
        stage.stop(true);
        QVERIFY(stage.start());
        QCOMPARE(stage.message(id, 1), std::string("a one"));
        stage.propose(id, "+a five");
        stage.run_for(base::milliseconds(5));
        QVERIFY(!stage.refused);
    }

    void a_nearly_full_disk_refuses_and_resumes() {
        StorageStage stage(10);
        stage.options.reserve_bytes = 100'000;
        QVERIFY(stage.start());
        StreamId const id = stage.create({.description = "a"});
        auto const look = [&] {
            stage.run_for(base::seconds(2));
            stage.propose(id, "+a x");
            stage.run_for(base::milliseconds(10));
            stage.propose(id, "+a x");
            stage.run_for(base::milliseconds(10));
        };
        look();
        QVERIFY(!stage.refused);
        stage.world->disk().faults().free_space = 50'000;
        look();
        QVERIFY(stage.refused);
        QVERIFY(stage.storage->health().nearly_full);
        std::uint64_t const applied = stage.ledgers[id]->applied;
        QCOMPARE(stage.message(id, 1), std::string("a x"));
        stage.world->disk().faults().free_space = 1'000'000;
        look();
        QVERIFY(!stage.refused);
        QVERIFY(stage.ledgers[id]->applied > applied);
    }

    /// Killed where less is free than a journal file takes: it starts, and writes smaller ones.
    void starts_where_no_whole_journal_file_fits() {
        StorageStage stage(11);
        stage.options.reserve_bytes = 0;
        QVERIFY(stage.start());
        StreamId const id = stage.create({.description = "a"});
        stage.propose(id, "+a one");
        stage.run_for(base::milliseconds(10));
        stage.stop(false);
        stage.free_space = stage.options.journal_file_bytes - 1;
        QVERIFY2(stage.start(), stage.failure.c_str());
        QCOMPARE(stage.message(id, 1), std::string("a one"));
        stage.propose(id, "+a two");
        stage.run_for(base::milliseconds(10));
        QVERIFY(!stage.refused);
        // The file that was ready for later is taken.
        stage.stop(false);
        stage.free_space = 0;
        QVERIFY2(stage.start(), stage.failure.c_str());
        QCOMPARE(stage.message(id, 2), std::string("a two"));
    }

    void a_new_one_without_any_room_says_so() {
        StorageStage stage(13);
        stage.free_space = 100;
        QVERIFY(!stage.start());
        QVERIFY2(stage.failure.find("no space left") != std::string::npos, stage.failure.c_str());
    }

    /// Killed soon after each start, it neither keeps more and more files nor reads more and more.
    void killed_over_and_over_it_keeps_few_files() {
        StorageStage stage(14);
        QVERIFY(stage.start());
        StreamId const id = stage.create({.description = "a"});
        for (int round = 1; round <= 20; ++round) {
            stage.propose(id, concat("+a ", round));
            stage.run_for(base::milliseconds(20));
            QVERIFY(!stage.refused);
            stage.stop(round % 2 == 0);
            QVERIFY2(stage.start(), stage.failure.c_str());
        }
        for (std::uint64_t round = 1; round <= 20; ++round) {
            QCOMPARE(stage.message(id, round), concat("a ", round));
        }
        auto const journals = std::ranges::count_if(
            stage.files(), [](auto const& file) { return file.first.ends_with(".journal"); });
        QVERIFY2(journals <= 6, std::to_string(journals).c_str());
    }

    /// The spare file found no room; once there is some, the journal goes on in another file, and
    /// what was written in the meantime is there.
    void grows_without_a_spare_file_until_there_is_room() {
        StorageStage stage(12);
        stage.options.reserve_bytes = 0;
        stage.free_space = stage.options.journal_file_bytes + 3'000;
        QVERIFY(stage.start());
        StreamId const id = stage.create({.description = "a"});
        auto const write = [&](int first, int last) {
            for (int i = first; i < last; ++i) {
                stage.propose(id, concat("+a ", std::string(100, 'x'), i));
                stage.run_for(base::milliseconds(10));
                QVERIFY(!stage.refused);
            }
        };
        write(0, 20);
        stage.world->disk().faults().free_space = std::uint64_t{1} << 40;
        write(20, 200);
        QCOMPARE(stage.ledgers[id]->applied, std::uint64_t{200});
        stage.stop(false);
        stage.free_space = std::uint64_t{1} << 40;
        QVERIFY(stage.start());
        QCOMPARE(stage.message(id, 200), concat("a ", std::string(100, 'x'), 199));
    }
};

SIGNALBOX_TEST(StorageCrashTest);

}  // namespace signalbox::consensus

#include "storage_crash_test.moc"
