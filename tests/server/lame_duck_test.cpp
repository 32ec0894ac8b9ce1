#include "engine/server/lame_duck.h"

#include "tests/server/server_stage.h"
#include "tests/support/run_tests.h"

namespace signalbox::server {

namespace {

config::Options with_lame_duck(Duration grace, Duration duration) {
    config::Options options = on("10.0.0.1");
    options.monitoring.http = config::ListenAddress{.host = "", .port = 8222};
    options.lame_duck = {.duration = duration, .grace_period = grace};
    return options;
}

/// A server with clients, of which the first two know what an INFO is.
struct Drained {
    explicit Drained(config::Options options, int count)
        : running(stage.start(std::move(options))) {
        for (int i = 0; i < count; ++i) {
            clients.push_back(&stage.dial(*stage.far, "10.0.0.1", 4222));
            char const* const connect = i == 2 ? "CONNECT {\"protocol\":0}\r\nPING\r\n"
                                               : "CONNECT {\"protocol\":1}\r\nPING\r\n";
            stage.ask(*stage.far, *clients.back(), connect);
            clients.back()->take_bytes();
        }
    }

    bool enter() {
        bool begun = false;
        stage.near->run([&] {
            begun = running.server->lame_duck(
                [this] { running.server->stop([this] { running.stopped = true; }); });
        });
        stage.pass(milliseconds(50));
        return begun;
    }

    std::ptrdiff_t open() const {
        return std::ranges::count_if(clients, [](RawClient* each) { return each->is_open(); });
    }

    Stage stage;
    Running& running;
    std::vector<RawClient*> clients;
};

}  // namespace

class LameDuckTest : public QObject {
    Q_OBJECT

private slots:
    void clients_are_told_and_closed_one_by_one_after_a_time_of_grace() {
        Drained duck(with_lame_duck(seconds(10), seconds(20)), 5);
        QVERIFY(duck.enter());
        QVERIFY(duck.running.log.says("Entering lame duck mode, stop accepting new clients"));
        QVERIFY(!duck.running.server->ready());
        std::string const info = duck.clients[0]->take_bytes();
        QVERIFY(info.starts_with("INFO {") && info.find("\"ldm\":true") != std::string::npos);
        QVERIFY(duck.clients[2]->take_bytes().empty());  // Would not understand it.
        QVERIFY(!duck.stage.dial(*duck.stage.far, "10.0.0.1", 4222).is_open());
        RawClient& browser = duck.stage.dial(*duck.stage.far, "10.0.0.1", 8222);
        std::string const health =
            duck.stage.ask(*duck.stage.far, browser, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
        QVERIFY(health.starts_with("HTTP/1.1 500"));
        // They go on as before.
        QCOMPARE(duck.stage.ask(*duck.stage.far, *duck.clients[1], "PING\r\n"),
                 std::string("PONG\r\n"));

        duck.stage.pass(milliseconds(9'500));
        QCOMPARE(duck.open(), std::ptrdiff_t{5});
        QVERIFY(!duck.running.log.says("Closing existing clients"));
        // Ten seconds for five, at most one second between two, and at least half of it.
        std::vector<std::ptrdiff_t> seen;
        for (int i = 0; i < 12; ++i) {
            duck.stage.pass(milliseconds(500));
            seen.push_back(duck.open());
        }
        QVERIFY(duck.running.log.says("Closing existing clients"));
        QVERIFY(!duck.clients[0]->is_open());
        QVERIFY(seen[0] == 4 || seen[0] == 3);
        QVERIFY(seen[2] >= 1);
        QVERIFY(std::ranges::is_sorted(seen, std::greater<>()));
        QCOMPARE(seen.back(), std::ptrdiff_t{0});
        QVERIFY(duck.running.stopped);
        QVERIFY(duck.running.log.says("Server Exiting.."));
    }

    void many_clients_are_closed_within_the_time() {
        Drained duck(with_lame_duck(seconds(1), seconds(2)), 40);
        QVERIFY(duck.enter());
        duck.stage.pass(milliseconds(1'300));
        QVERIFY(duck.open() > 0 && duck.open() < 40);
        duck.stage.pass(milliseconds(900));
        QVERIFY(duck.running.stopped);
    }

    void without_clients_it_is_empty_at_once() {
        Drained duck(with_lame_duck(seconds(10), seconds(20)), 0);
        QVERIFY(duck.enter());
        QVERIFY(duck.running.stopped);
    }

    void a_second_time_is_ignored_and_a_stop_ends_it() {
        Drained duck(with_lame_duck(seconds(10), seconds(20)), 2);
        QVERIFY(duck.enter());
        QVERIFY(!duck.enter());
        duck.running.stop();
        duck.stage.pass(milliseconds(200));
        QVERIFY(duck.running.stopped);
        QCOMPARE(duck.open(), std::ptrdiff_t{0});
        duck.stage.pass(seconds(30));
        QVERIFY(!duck.running.log.says("Closing existing clients"));
    }

    void one_that_is_not_ready_does_not_enter_it() {
        Stage stage;
        Running& running = stage.make(with_lame_duck(seconds(10), seconds(20)));
        bool begun = true;
        stage.near->run([&] { begun = running.server->lame_duck([] {}); });
        QVERIFY(!begun);
    }
};
SIGNALBOX_TEST(LameDuckTest);

}  // namespace signalbox::server

#include "lame_duck_test.moc"
