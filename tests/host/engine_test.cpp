#include "engine/host/engine.h"

#include "tests/support/run_tests.h"

namespace signalbox {

using host::Engine;
using host::Outcome;
using host::Token;
using observe::EventKind;
using observe::SnapshotPtr;

namespace {

config::Options free_port() {
    config::Options options;
    options.listen = {"127.0.0.1", -1};
    return options;
}

/// An engine that is watched, and what a window would have taken from it.
struct Watched {
    Engine engine{{.observe = true}};
    std::vector<observe::TapRow> taps;
    std::vector<observe::EventRow> events;
    std::string log;

    host::ServerNumber start(config::Options options = free_port()) {
        return engine.wait(engine.post(host::StartServer{std::move(options)})).server;
    }

    /// The newest of what the engine says of a server, or none.
    observe::ServerSnapshot const* look(host::ServerNumber server) {
        engine.drain_tap(10'000, [this](observe::TapRow const& row) { taps.push_back(row); });
        engine.drain_events(10'000,
                            [this](observe::EventRow const& row) { events.push_back(row); });
        engine.drain_log(10'000, [this](observe::LogRow const& row) { log += row.text + "\n"; });
        if (SnapshotPtr const& snapshot = engine.latest()) {
            for (observe::ServerSnapshot const& one : snapshot->servers) {
                if (one.server == server) {
                    return &one;
                }
            }
        }
        return nullptr;
    }

    bool is_ready(host::ServerNumber server) {
        observe::ServerSnapshot const* one = look(server);
        return one != nullptr && one->ready;
    }

    bool saw(EventKind kind) {
        return std::ranges::any_of(
            events, [kind](observe::EventRow const& row) { return row.kind == kind; });
    }

    Outcome publish(host::ServerNumber server, std::string subject, std::string payload) {
        host::OutgoingMessage message;
        message.subject = std::move(subject);
        message.payload = std::move(payload);
        return engine.wait(engine.post(host::Publish{server, std::move(message)}));
    }
};

}  // namespace

/// An engine on its thread, with real sockets, as a window uses it.
class EngineTest : public QObject {
    Q_OBJECT

private slots:
    void what_clients_do_is_seen_by_whoever_watches() {
        Watched w;
        host::ServerNumber const server = w.start();
        QTRY_VERIFY(w.is_ready(server));
        observe::ServerSnapshot const* snapshot = w.look(server);
        QVERIFY(snapshot->port != 0);
        QVERIFY(!snapshot->id.empty());
        observe::TreeQuery query;
        query.server = server;
        w.engine.set_tree_query(query);
        QVERIFY(!w.engine.wait(w.engine.post(host::SetTap{server, observe::TapFilter{}})).error);

        host::DemoTraffic const traffic("127.0.0.1", snapshot->port);
        QTRY_VERIFY(w.look(server)->in_msgs.total > 1'000);
        QTRY_VERIFY(w.look(server)->out_msgs.per_second > 0);
        snapshot = w.look(server);
        QVERIFY(snapshot->connections > 0);
        QCOMPARE(snapshot->open.size(), static_cast<std::size_t>(snapshot->connections));
        for (observe::ConnectionRow const& row : snapshot->open) {
            QCOMPARE(row.identity->account, std::string("$G"));
            QCOMPARE(row.identity->ip, std::string("127.0.0.1"));
        }
        QVERIFY(snapshot->subjects > 10);
        QTRY_VERIFY(!w.look(server)->busiest.empty());
        QTRY_VERIFY(!w.engine.latest()->tree.rows.empty());
        QTRY_VERIFY((w.look(server), w.taps.size() > 100));
        QVERIFY(w.saw(EventKind::ServerReady));
        QVERIFY(w.saw(EventKind::ConnectionOpened));
        QVERIFY(w.saw(EventKind::ConnectionIdentified));
        QVERIFY(w.log.find("Server is ready") != std::string::npos);
    }

    void a_message_from_the_window_is_counted_and_tapped() {
        Watched w;
        host::ServerNumber const server = w.start();
        QTRY_VERIFY(w.is_ready(server));
        w.engine.wait(w.engine.post(host::SetTap{server, observe::TapFilter{.subject = "a.*"}}));
        QVERIFY(!w.publish(server, "a.b", "hello").error);
        QVERIFY(!w.publish(server, "other", "x").error);
        QTRY_VERIFY((w.look(server), w.taps.size() == 1));
        QCOMPARE(w.taps[0].subject, std::string("a.b"));
        QCOMPARE(w.taps[0].payload, std::string("hello"));
        QCOMPARE(w.taps[0].recipients, 0U);
        QTRY_COMPARE(w.look(server)->in_msgs.total, 2U);
        observe::TreeQuery query;
        query.server = server;
        query.flat = true;
        w.engine.set_tree_query(query);
        QTRY_VERIFY(w.engine.latest()->tree.rows.size() >= 2);
        observe::TreeRow const row = w.engine.latest()->tree.rows[0];
        QCOMPARE(row.subject, std::string("a.b"));
        QCOMPARE(row.msgs, 1U);
        QCOMPARE(row.bytes, 5U);
        QCOMPARE(row.publishers, 1U);
        QVERIFY(row.no_interest);
    }

    void a_tap_on_what_is_no_subject_is_refused() {
        Watched w;
        host::ServerNumber const server = w.start();
        Outcome const outcome = w.engine.wait(
            w.engine.post(host::SetTap{server, observe::TapFilter{.subject = "a..b"}}));
        QVERIFY(outcome.error);
        QVERIFY(outcome.error->code() == Errc::InvalidArgument);
    }

    void a_connection_that_is_cut_off_stays_with_its_reason() {
        Watched w;
        host::ServerNumber const server = w.start();
        QTRY_VERIFY(w.is_ready(server));
        host::DemoTraffic const traffic("127.0.0.1", w.look(server)->port);
        QTRY_VERIFY(w.look(server)->open.size() > 3);
        std::uint64_t const cid = w.look(server)->open[1].identity->cid;
        QVERIFY(!w.engine.wait(w.engine.post(host::Disconnect{server, cid})).error);
        auto const closed = [&] {
            for (observe::ClosedConnectionRow const& row : *w.look(server)->closed) {
                if (row.identity->cid == cid) {
                    return row;
                }
            }
            return observe::ClosedConnectionRow();
        };
        QTRY_VERIFY(closed().identity != nullptr);
        QVERIFY(!closed().reason.empty());
        QVERIFY(w.saw(EventKind::ConnectionClosed));
        QVERIFY(w.engine.wait(w.engine.post(host::Disconnect{server, 999'999})).error);
    }

    void two_servers_of_one_engine_are_told_apart() {
        Watched w;
        host::ServerNumber const first = w.start();
        host::ServerNumber const second = w.start();
        QTRY_VERIFY(w.is_ready(first) && w.is_ready(second));
        QVERIFY(w.look(first)->port != w.look(second)->port);
        QVERIFY(!w.publish(second, "x", "y").error);
        QTRY_COMPARE(w.look(second)->in_msgs.total, 1U);
        QCOMPARE(w.look(first)->in_msgs.total, 0U);
        w.engine.wait(w.engine.post(host::StopServer{first}));
        QTRY_VERIFY(w.look(first) == nullptr);
        QVERIFY(w.look(second) != nullptr);
        QVERIFY(w.saw(EventKind::ServerStopped));
    }

    void a_taken_port_is_an_answer_and_not_an_end() {
        Watched w;
        host::ServerNumber const first = w.start();
        QTRY_VERIFY(w.is_ready(first));
        config::Options same = free_port();
        same.listen.port = w.look(first)->port;
        Outcome const outcome = w.engine.wait(w.engine.post(host::StartServer{same}));
        QVERIFY(outcome.error);
        QVERIFY(outcome.error->code() == Errc::Io);
        QVERIFY(w.is_ready(first));
    }

    void who_does_not_watch_sees_nothing_and_costs_nothing() {
        Engine engine({.observe = false});
        Outcome const outcome = engine.wait(engine.post(host::StartServer{free_port()}));
        QVERIFY(!outcome.error);
        QVERIFY(engine.latest() == nullptr);
        QCOMPARE(engine.drain_events(10, [](observe::EventRow const&) {}), std::size_t{0});
    }
};

SIGNALBOX_TEST(EngineTest);

}  // namespace signalbox

#include "engine_test.moc"
