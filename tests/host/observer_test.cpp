#include "engine/host/observer.h"

#include "tests/support/run_tests.h"

#include <thread>

namespace signalbox {

using host::Observer;
using observe::EventKind;
using observe::Observation;
using observe::SnapshotPtr;
using observe::Watch;

namespace {

std::shared_ptr<Observation> watched(std::uint32_t server) {
    return std::make_shared<Observation>(server, Watch::On);
}

}  // namespace

/// With the real thread: each test waits until what it wants has come, however long that takes.
class ObserverTest : public QObject {
    Q_OBJECT

private slots:
    void snapshots_keep_coming() {
        Observer observer;
        QTRY_VERIFY(observer.latest() != nullptr);
        std::uint64_t const first = observer.latest()->number;
        QTRY_VERIFY(observer.latest()->number > first + 2);
        QVERIFY(observer.latest()->servers.empty());
        QTRY_VERIFY(observer.latest()->resident_bytes > 0);
    }

    void a_server_is_seen_from_added_to_removed() {
        Observer observer;
        auto const server = watched(4);
        server->counters.in_msgs.add(7);
        observer.add(server, {.server = 4, .name = "four"});
        QTRY_VERIFY(observer.latest() && observer.latest()->servers.size() == 1);
        QCOMPARE(observer.latest()->servers[0].name, std::string("four"));
        QCOMPARE(observer.latest()->servers[0].in_msgs.total, 7U);
        observer.update({.server = 4, .name = "four", .ready = true});
        QTRY_VERIFY(observer.latest()->servers[0].ready);
        observer.remove(4);
        QTRY_VERIFY(observer.latest()->servers.empty());
    }

    void totals_are_exact_when_the_writer_has_ended() {
        Observer observer;
        auto const server = watched(1);
        observer.add(server, {.server = 1});
        observe::TreeQuery query;
        query.server = 1;
        observer.set_tree_query(query);
        constexpr std::uint64_t kMessages = 300'000;
        std::thread engine([&server] {
            observe::SubjectIds& ids = *server->subjects();
            for (std::uint64_t i = 0; i < kMessages; ++i) {
                server->counters.in_msgs.add(1);
                ids.published(ids.id_for("$G", "a." + std::to_string(i % 5'000)),
                              {.bytes = 10, .last_size = 10, .cid = i % 3 + 1, .recipients = 1},
                              1'000'000);
            }
        });
        std::uint64_t last = 0;
        bool ordered = true;
        QTRY_VERIFY(observer.latest() && !observer.latest()->servers.empty());
        do {
            SnapshotPtr const snapshot = observer.latest();
            ordered = ordered && snapshot->servers[0].in_msgs.total >= last;
            last = snapshot->servers[0].in_msgs.total;
        } while (last < kMessages);
        engine.join();
        QVERIFY(ordered);
        QTRY_VERIFY(observer.latest()->tree.rows.size() == 1 &&
                    observer.latest()->tree.rows[0].msgs == kMessages);
        QCOMPARE(observer.latest()->tree.matching, 5'000U);
    }

    void rows_reach_the_window_in_order_and_bounded() {
        Observer observer;
        auto const server = watched(1);
        observer.add(server, {.server = 1});
        server->set_tap(observe::TapFilter{});
        for (int i = 0; i < 10; ++i) {
            server->event(EventKind::SlowConsumer, WallTime(), nullptr, std::to_string(i));
            server->log(LogLevel::Notice, WallTime(), std::to_string(i));
            server->tap()->offer({.subject = std::to_string(i)}, WallTime(), Instant());
        }
        std::string log;
        auto const add_log = [&log](observe::LogRow const& row) { log += row.text; };
        QCOMPARE(observer.drain_log(4, add_log), std::size_t{4});
        QCOMPARE(observer.drain_log(100, add_log), std::size_t{6});
        QCOMPARE(log, std::string("0123456789"));
        std::string tap;
        QCOMPARE(observer.drain_tap(3, [&](observe::TapRow const& row) { tap += row.subject; }),
                 std::size_t{3});
        QCOMPARE(tap, std::string("012"));
        std::string events;
        auto const add_event = [&events](observe::EventRow const& row) { events += row.text; };
        QTRY_VERIFY((observer.drain_events(100, add_event), events.size() == 10));
        QCOMPARE(events, std::string("0123456789"));
    }

    void the_last_words_of_a_removed_server_can_still_be_read() {
        Observer observer;
        auto server = watched(1);
        observer.add(server, {.server = 1});
        server->log(LogLevel::Notice, WallTime(), "bye");
        server->event(EventKind::ServerStopped, WallTime());
        observer.remove(1);
        std::weak_ptr<Observation> const gone = server;
        server.reset();
        int lines = 0;
        int events = 0;
        QTRY_VERIFY((lines +=
                     static_cast<int>(observer.drain_log(10, [](observe::LogRow const&) {}))) == 1);
        QTRY_VERIFY((events += static_cast<int>(
                         observer.drain_events(10, [](observe::EventRow const&) {}))) == 1);
        // Nobody keeps it longer than that.
        QTRY_VERIFY(gone.expired());
    }
};

SIGNALBOX_TEST(ObserverTest);

}  // namespace signalbox

#include "observer_test.moc"
