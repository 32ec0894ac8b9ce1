#include "engine/server/server.h"

#include "tests/server/server_stage.h"
#include "tests/support/run_tests.h"

namespace signalbox::server {

/// One server's life.
class ServerTest : public QObject {
    Q_OBJECT

private slots:
    void files_and_listeners_come_in_order_and_then_it_is_ready() {
        Stage stage;
        config::Options options = on("10.0.0.1");
        options.server_name = "box";
        options.monitoring.http = config::ListenAddress{.host = "", .port = 8222};
        options.files.pid_file = "/run/pid";
        options.files.ports_file_dir = "/ports";
        Running& running = stage.make(options);
        running.start();
        QVERIFY(!running.started);
        stage.pass(milliseconds(50));
        QVERIFY(running.started && running.started->ok());
        QVERIFY(running.server->ready());
        std::string const pid = std::to_string(stage.near->process_id());
        QCOMPARE(stage.files()["/run/pid"].content, pid);
        QCOMPARE(stage.files()["/run/pid"].mode, 0600U);
        std::string const ports = concat("/ports/", stage.near->program_name(), "_", pid, ".ports");
        QCOMPARE(stage.files()[ports].content,
                 std::string("{\"nats\":[\"nats://10.0.0.1:4222\"],\"monitoring\":"
                             "[\"http://10.0.0.1:8222\"]}"));
        KeptLog const& log = running.log;
        QCOMPARE(log.place("Starting signalboxd"), 0);
        int const monitor = log.place("Starting http monitor on 10.0.0.1:8222");
        int const clients = log.place("Listening for client connections on 10.0.0.1:4222");
        int const ready = log.place("Server is ready");
        QVERIFY(monitor > 0 && clients > monitor && ready > clients);
        QVERIFY(events_of(*running.observation) ==
                std::vector<observe::EventKind>{observe::EventKind::ServerReady});

        running.stop();
        QVERIFY(!running.stopped);
        QVERIFY(!running.server->ready());
        stage.pass(milliseconds(50));
        QVERIFY(running.stopped);
        QVERIFY(!stage.files().contains(ports));
        QVERIFY(stage.files().contains("/run/pid"));
        QVERIFY(running.log.place("Initiating Shutdown...") > ready);
        QCOMPARE(running.log.place("Server Exiting.."),
                 static_cast<int>(running.log.lines.size()) - 1);
        RawClient const& late = stage.dial(*stage.far, "10.0.0.1", 4222);
        QVERIFY(!late.is_open());
    }

    void what_cannot_be_had_ends_the_start_data() {
        QTest::addColumn<QString>("what");
        QTest::addColumn<int>("code");
        QTest::newRow("client port") << "client port" << static_cast<int>(Errc::Io);
        QTest::newRow("monitor port") << "monitor port" << static_cast<int>(Errc::Io);
        QTest::newRow("pid file") << "pid file" << static_cast<int>(Errc::Io);
        QTest::newRow("ports file") << "ports file" << static_cast<int>(Errc::Io);
        QTest::newRow("host") << "host" << static_cast<int>(Errc::NotFound);
    }

    void what_cannot_be_had_ends_the_start() {
        QFETCH(QString, what);
        QFETCH(int, code);
        Stage stage;
        stage.start(on("10.0.0.1"));
        config::Options options =
            on(what == "host" ? "nowhere" : "10.0.0.1", what == "client port" ? 4222 : 4333);
        if (what == "monitor port") {
            options.monitoring.http = config::ListenAddress{.host = "", .port = 4222};
        } else if (what == "pid file") {
            options.files.pid_file = "/run/pid";
        } else if (what == "ports file") {
            options.files.ports_file_dir = "/ports";
        }
        stage.near->disk().faults().writes_fail = true;
        Running& running = stage.start(options);
        QVERIFY(running.started && !running.started->ok());
        QCOMPARE(static_cast<int>(running.started->error().code()), code);
        QVERIFY(!running.server->ready());
        QVERIFY(!running.log.says("Server is ready"));
        if (what == "monitor port") {
            QVERIFY(
                running.started->error().detail().starts_with("Can't listen to the monitor port"));
        }
    }

    // Nobody's machine becomes open to the network by starting a server without a word.
    void where_it_listens_when_nobody_said_data() {
        QTest::addColumn<QString>("host");
        QTest::addColumn<bool>("users");
        QTest::addColumn<bool>("open");
        QTest::addColumn<QString>("clients");
        QTest::addColumn<QString>("monitoring");
        QTest::addColumn<bool>("reachable");
        QTest::newRow("nothing said") << "" << false << false << "127.0.0.1"
                                      << "127.0.0.1" << false;
        QTest::newRow("users") << "" << true << false << "0.0.0.0"
                               << "127.0.0.1" << true;
        QTest::newRow("as the reference") << "" << false << true << "0.0.0.0"
                                          << "0.0.0.0" << true;
        QTest::newRow("address") << "10.0.0.1" << false << false << "10.0.0.1"
                                 << "10.0.0.1" << true;
        QTest::newRow("everywhere") << "0.0.0.0" << false << false << "0.0.0.0"
                                    << "0.0.0.0" << true;
        QTest::newRow("home") << "127.0.0.1" << true << true << "127.0.0.1"
                              << "127.0.0.1" << false;
    }

    void where_it_listens_when_nobody_said() {
        QFETCH(QString, host);
        QFETCH(bool, users);
        QFETCH(bool, open);
        QFETCH(QString, clients);
        QFETCH(QString, monitoring);
        QFETCH(bool, reachable);
        Stage stage;
        config::Options options = on(host.toStdString());
        options.monitoring.http = config::ListenAddress{.host = "", .port = 8222};
        options.own.open_without_authentication = open;
        if (users) {
            options = with_users(options);
        }
        Running& running = stage.start(options);
        QVERIFY(running.server->ready());
        QCOMPARE(running.server->client_address().host, clients.toStdString());
        QCOMPARE(running.server->monitoring_address().host, monitoring.toStdString());
        QCOMPARE(stage.dial(*stage.far, "10.0.0.1", 4222).is_open(), reachable);
        bool const anyone = clients == "0.0.0.0" && !users;
        QCOMPARE(running.log.says("Anyone who reaches this machine can connect"), anyone);
        QCOMPARE(running.log.says("Only this machine can connect"),
                 host.isEmpty() && clients == "127.0.0.1");
    }

    void two_servers_of_one_process_have_nothing_to_do_with_each_other() {
        Stage stage;
        stage.start(on("10.0.0.1", 4222));
        Running& second = stage.start(on("10.0.0.1", -1));
        std::uint16_t const port = second.server->client_address().port;
        QVERIFY(port != 0 && port != 4222);
        QVERIFY(second.server->identity().id != stage.servers[0]->server->identity().id);
        RawClient& a = stage.dial(*stage.far, "10.0.0.1", 4222);
        RawClient& b = stage.dial(*stage.far, "10.0.0.1", port);
        QCOMPARE(stage.ask(*stage.far, a, "SUB x 1\r\n"), std::string("+OK\r\n"));
        QCOMPARE(stage.ask(*stage.far, b, "SUB x 1\r\nPUB x 1\r\nm\r\n"),
                 std::string("+OK\r\n+OK\r\nMSG x 1 1\r\nm\r\n"));
        QCOMPARE(a.take_bytes(), std::string());
        second.stop();
        stage.pass(milliseconds(200));
        QVERIFY(second.stopped);
        QVERIFY(!b.is_open());
        QCOMPARE(stage.ask(*stage.far, a, "PING\r\n"), std::string("PONG\r\n"));
    }

    void clients_are_told_what_is_pending_before_the_end() {
        Stage stage;
        Running& running = stage.start(on("10.0.0.1"));
        RawClient& peer = stage.dial(*stage.far, "10.0.0.1", 4222);
        QCOMPARE(stage.ask(*stage.far, peer, "SUB x 1\r\n"), std::string("+OK\r\n"));
        std::string const payload(200'000, 'p');
        stage.far->run([&] {
            peer.pause();
            for (int i = 0; i < 3; ++i) {
                peer.send(concat("PUB x ", payload.size(), "\r\n", payload, "\r\n"));
            }
        });
        stage.pass(milliseconds(50));
        running.stop();
        stage.far->run([&] { peer.resume(); });
        stage.pass(milliseconds(300));
        QVERIFY(running.stopped);
        QVERIFY(!peer.is_open());
        QVERIFY(peer.bytes().size() > 600'000);
    }

    void a_server_that_is_stopped_while_it_starts_never_listens() {
        Stage stage;
        stage.near->disk().faults().latency = seconds(1);
        config::Options options = on("10.0.0.1");
        options.files.pid_file = "/run/pid";
        options.files.ports_file_dir = "/ports";
        Running& running = stage.make(options);
        running.start();
        stage.pass(milliseconds(100));
        running.stop();
        stage.pass(seconds(5));
        QVERIFY(running.stopped);
        QVERIFY(!running.started);
        QVERIFY(!running.server->ready());
        QVERIFY(!running.log.says("Listening for client connections"));
        QVERIFY(!stage.dial(*stage.far, "10.0.0.1", 4222).is_open());
    }

    void a_server_that_is_gone_is_not_told_what_its_files_became() {
        Stage stage;
        config::Options options = on("10.0.0.1");
        options.files.pid_file = "/run/pid";
        Running& starting = stage.make(options);
        stage.near->disk().faults().latency = seconds(1);
        starting.start();
        stage.pass(milliseconds(100));
        starting.server.reset();
        stage.pass(seconds(2));
        QVERIFY(!starting.started);

        stage.near->disk().faults().latency = milliseconds(1);
        Running& running = stage.start(on("10.0.0.1"));
        stage.near->disk().faults() = {.latency = seconds(1), .writes_fail = true};
        config::Options moved = on("10.0.0.1");
        moved.files.pid_file = "/elsewhere/pid";
        QVERIFY(stage.reload(running, moved).ok());
        running.server.reset();
        stage.pass(seconds(2));
        QVERIFY(!running.log.says("no space"));
    }
};
SIGNALBOX_TEST(ServerTest);

/// New settings while it runs.
class ReloadTest : public QObject {
    Q_OBJECT

private slots:
    void what_may_change_holds_at_once() {
        Stage stage;
        Running& running = stage.start(on("10.0.0.1"));
        RawClient& peer = stage.dial(*stage.far, "10.0.0.1", 4222);
        config::Options now = on("10.0.0.1");
        now.limits.max_payload = 10;
        now.limits.max_control_line = 20;
        QVERIFY(stage.reload(running, now).ok());
        QVERIFY(running.log.says("Reloaded: max_payload = 10"));
        QVERIFY(running.log.says("Reloaded server configuration"));
        QCOMPARE(stage.ask(*stage.far, peer, "PUB a 11\r\n"),
                 std::string("-ERR 'Maximum Payload Violation'\r\n"));
        RawClient& long_line = stage.dial(*stage.far, "10.0.0.1", 4222);
        QCOMPARE(stage.ask(*stage.far, long_line, "SUB a.long.filter.indeed 1\r\n"),
                 std::string("-ERR 'maximum control line exceeded'\r\n"));
        RawClient const& other = stage.dial(*stage.far, "10.0.0.1", 4222);
        QVERIFY(other.bytes().find("\"max_payload\":10,") != std::string::npos);
    }

    // With one value that may not change, none of the others changes either.
    void it_is_all_or_nothing_data() {
        QTest::addColumn<QString>("what");
        for (char const* what : {"port", "host", "server name"}) {
            QTest::newRow(what) << QString(what);
        }
    }

    void it_is_all_or_nothing() {
        QFETCH(QString, what);
        Stage stage;
        Running& running = stage.start(on("10.0.0.1"));
        config::Options now = on("10.0.0.1");
        now.limits.max_payload = 10;
        if (what == "port") {
            now.listen.port = 4333;
        } else if (what == "host") {
            now.listen.host = "0.0.0.0";
        } else {
            now.server_name = "another";
        }
        Result<void> const result = stage.reload(running, now);
        QVERIFY(!result.ok());
        QVERIFY(result.error().code() == Errc::InvalidArgument);
        QVERIFY(running.log.says("Failed to reload server configuration"));
        QCOMPARE(running.server->options().limits.max_payload, std::int64_t{1'048'576});
        QVERIFY(stage.dial(*stage.far, "10.0.0.1", 4222).bytes().find("\"max_payload\":1048576,") !=
                std::string::npos);
        auto const events = events_of(*running.observation);
        QVERIFY(std::ranges::count(events, observe::EventKind::ConfigurationRefused) == 1);
        QVERIFY(std::ranges::count(events, observe::EventKind::ConfigurationReloaded) == 0);
    }

    void a_server_that_is_open_because_it_asks_cannot_stop_asking() {
        Stage stage;
        Running& running = stage.start(with_users(on("")));
        QCOMPARE(running.server->client_address().host, std::string("0.0.0.0"));
        Result<void> const result = stage.reload(running, on(""));
        QVERIFY(!result.ok());
        QVERIFY(result.error().code() == Errc::InvalidArgument);
        RawClient& peer = stage.dial(*stage.far, "10.0.0.1", 4222);
        QCOMPARE(stage.ask(*stage.far, peer, "PING\r\n"),
                 std::string("-ERR 'Authorization Violation'\r\n"));
    }

    void new_users_are_asked_for_and_those_who_are_not_among_them_go() {
        Stage stage;
        Running& running = stage.start(on("10.0.0.1"));
        RawClient& peer = stage.dial(*stage.far, "10.0.0.1", 4222);
        QCOMPARE(stage.ask(*stage.far, peer, "PING\r\n"), std::string("PONG\r\n"));
        QVERIFY(stage.reload(running, with_users(on("10.0.0.1"))).ok());
        QCOMPARE(peer.take_bytes(), std::string("-ERR 'Authorization Violation'\r\n"));
        QVERIFY(!peer.is_open());
        RawClient& known = stage.dial(*stage.far, "10.0.0.1", 4222);
        QCOMPARE(stage.ask(*stage.far, known,
                           "CONNECT {\"verbose\":true,\"user\":\"u\",\"pass\":\"p\"}\r\n"),
                 std::string("+OK\r\n"));
        // A password in plain text is not for the log.
        QVERIFY(!running.log.says("\"p\""));
    }

    void fewer_connections_close_the_newest() {
        Stage stage;
        Running& running = stage.start(on("10.0.0.1"));
        RawClient& first = stage.dial(*stage.far, "10.0.0.1", 4222);
        RawClient& second = stage.dial(*stage.far, "10.0.0.1", 4222);
        config::Options now = on("10.0.0.1");
        now.limits.max_connections = 1;
        QVERIFY(stage.reload(running, now).ok());
        QVERIFY(first.is_open());
        QVERIFY(!second.is_open());
        QVERIFY(second.bytes().ends_with("-ERR 'maximum connections exceeded'\r\n"));
    }
};
SIGNALBOX_TEST(ReloadTest);

}  // namespace signalbox::server

#include "server_test.moc"
