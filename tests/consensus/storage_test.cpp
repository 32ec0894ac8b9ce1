#include "engine/consensus/storage.h"

#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"

#include "tests/support/run_tests.h"

namespace signalbox::consensus {

namespace {

class NoLog final : public base::LogSink {
public:
    void write(LogLevel, std::string_view) override {}
};

/// Keeps what it was given.
class Notes final : public StateMachine {
public:
    Applied apply(LogIndex index, Bytes entry) override {
        if (waits > 0) {
            --waits;
            return Applied::Wait;
        }
        entries.push_back(std::to_string(index) + "=" + std::string(entry));
        return Applied::Done;
    }
    std::string save() const override { return {}; }
    Result<void> restore(Bytes) override { return {}; }
    void leadership_changed(bool is_leader) override { leader = is_leader; }
    void log_failed(Error const&) override {}

    std::vector<std::string> entries;
    int waits = 0;
    bool leader = false;
};

}  // namespace

/// What a server keeps for its streams, seen by who owns them.
class StorageTest : public QObject {
    Q_OBJECT

private slots:
    void what_is_proposed_comes_back_in_order_and_never_within_the_call() {
        sim::Universe universe(1);
        sim::SimWorld world(universe.simulation(), universe.exchange(), "m");
        NoLog sink;
        Logger log(sink);
        Storage storage(world, log, {.directory = {}});
        Notes notes;
        bool created = false;
        KeptStream* kept = nullptr;
        world.run([&] {
            kept = &storage.create({.description = "s", .medium = store::Medium::Memory},
                                   [&](Result<void> const& done) { created = done.ok(); });
            QVERIFY(!created);
            kept->log->start(notes);
            QVERIFY(!notes.leader);
        });
        universe.simulation().run_for(base::milliseconds(1));
        QVERIFY(created);
        QVERIFY(notes.leader);
        world.run([&] {
            QCOMPARE(kept->log->propose("a").value(), LogIndex{1});
            Bytes const pieces[] = {"b", "c"};
            QCOMPARE(kept->log->propose(pieces).value(), LogIndex{2});
            QVERIFY(notes.entries.empty());
        });
        QCOMPARE(notes.entries, (std::vector<std::string>{"1=a", "2=bc"}));
        QCOMPARE(kept->log->bytes_waiting(), std::uint64_t{0});
    }

    void an_entry_that_has_to_wait_holds_back_those_behind_it() {
        sim::Universe universe(1);
        sim::SimWorld world(universe.simulation(), universe.exchange(), "m");
        NoLog sink;
        Logger log(sink);
        Storage storage(world, log, {.directory = {}});
        Notes notes;
        KeptStream* kept = nullptr;
        world.run([&] {
            kept = &storage.create({.medium = store::Medium::Memory}, [](Result<void> const&) {});
            kept->log->start(notes);
        });
        notes.waits = 1;
        world.run([&] {
            QVERIFY(kept->log->propose("a").ok());
            QVERIFY(kept->log->propose("b").ok());
        });
        universe.simulation().run_for(base::milliseconds(1));
        QVERIFY(notes.entries.empty());
        world.run([&] { kept->log->resume(); });
        QCOMPARE(notes.entries, (std::vector<std::string>{"1=a", "2=b"}));
    }
};

SIGNALBOX_TEST(StorageTest);

}  // namespace signalbox::consensus

#include "storage_test.moc"
