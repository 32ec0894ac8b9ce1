#include "engine/base/text.h"
#include "engine/sim/cluster.h"

#include "tests/support/raw_client.h"
#include "tests/support/run_tests.h"

namespace signalbox::sim {

using base::milliseconds;
using base::minutes;
using base::seconds;
using support::RawClient;

namespace {

/// One server, and peers that say whatever a test wants them to.
class OneServer {
public:
    explicit OneServer(config::Options const& options = {})
        : cluster({.seed = 1, .servers = 1, .options = options}),
          process(cluster.add_process("peers")) {
        QVERIFY(cluster.start());
    }

    ~OneServer() {
        // The peers before their process.
        peers.clear();
    }

    OneServer(OneServer const&) = delete;
    OneServer& operator=(OneServer const&) = delete;

    RawClient& open() {
        peers.push_back(std::make_unique<RawClient>());
        RawClient& peer = *peers.back();
        process->run([&] { peer.connect(*process, "server-0", 4222); });
        cluster.simulation().run_until([&] { return !peer.bytes().empty(); }, seconds(5));
        return peer;
    }

    /// Greeted, with INFO taken.
    RawClient& connect(std::string_view options = "{\"verbose\":false}") {
        RawClient& peer = open();
        say(peer, concat("CONNECT ", options, "\r\n"));
        peer.take_bytes();
        return peer;
    }

    void say(RawClient& peer, std::string_view bytes) {
        process->run([&] { peer.send(bytes); });
        pass(milliseconds(5));
    }

    void pass(Duration time) { cluster.simulation().run_for(time); }

    /// Answers after how long the condition held; one day when it never did.
    Duration until(std::function<bool()> const& condition) {
        Instant const start = cluster.simulation().now();
        bool const held = cluster.simulation().run_until(condition, base::hours(24));
        return held ? cluster.simulation().now() - start : base::hours(24);
    }

    /// Whether the server still serves others.
    bool serves() {
        RawClient& peer = connect();
        say(peer, "SUB a 1\r\nPUB a 2\r\nhi\r\n");
        bool const served = peer.bytes() == "MSG a 1 2\r\nhi\r\n";
        process->run([&] { peer.close(); });
        pass(milliseconds(5));
        return served;
    }

    observe::ServerCounters const& counters() { return cluster.server(0).counters(); }

    Cluster cluster;
    std::unique_ptr<SimWorld> process;
    std::vector<std::unique_ptr<RawClient>> peers;
};

std::string publish(std::string_view subject, std::size_t size) {
    return concat("PUB ", subject, " ", size, "\r\n", std::string(size, 'x'), "\r\n");
}

}  // namespace

/// Keep-alive, slow readers, closed reasons and bad input, in virtual time.
class LimitsTest : public QObject {
    Q_OBJECT

private slots:
    void who_is_silent_is_asked_soon_and_dropped_after_two_intervals() {
        OneServer server;
        RawClient& peer = server.connect();
        Duration const first = server.until([&] { return peer.bytes() == "PING\r\n"; });
        // Two seconds and up to a fifth more.
        QVERIFY(first > milliseconds(1'950) && first < milliseconds(2'450));
        Duration const second = server.until([&] { return peer.bytes().size() == 12; });
        QVERIFY(second > seconds(119) && second < seconds(121));
        Duration const end = server.until([&] { return peer.end().has_value(); });
        QVERIFY(end > seconds(119) && end < seconds(121));
        QVERIFY(peer.bytes().ends_with("-ERR 'Stale Connection'\r\n"));
        QCOMPARE(server.counters().stale_connections.get(), std::uint64_t{1});
    }

    void who_says_something_is_asked_once_an_hour() {
        OneServer server;
        RawClient& peer = server.connect();
        int asked = 0;
        for (int minute = 0; minute < 125; ++minute) {
            server.pass(minutes(1));
            server.say(peer, "PUB nobody 0\r\n\r\n");
            if (peer.take_bytes().find("PING") != std::string::npos) {
                ++asked;
                server.say(peer, "PONG\r\n");
            }
        }
        QVERIFY(peer.is_open());
        // At the beginning, and after each hour.
        QCOMPARE(asked, 3);
    }

    void a_reader_that_takes_nothing_is_dropped_by_the_write_deadline() {
        OneServer server;
        RawClient& reader = server.connect();
        server.say(reader, "SUB a 1\r\n");
        server.process->run([&] { reader.pause(); });
        RawClient& speaker = server.connect();
        // More than the network takes, less than the server keeps.
        for (int i = 0; i < 10; ++i) {
            server.say(speaker, publish("a", 100'000));
        }
        QCOMPARE(server.counters().slow_consumers.get(), std::uint64_t{0});
        Duration const after =
            server.until([&] { return server.counters().slow_consumers.get() == 1; });
        QVERIFY(after > seconds(9) && after < seconds(11));
        QCOMPARE(server.cluster.log().count("Slow Consumer Detected: WriteDeadline of 10s"),
                 std::size_t{1});
        QVERIFY(server.serves());
    }

    void a_reader_that_has_too_much_to_read_is_dropped_at_once() {
        config::Options options;
        options.limits.max_pending = 500'000;
        options.limits.max_payload = 400'000;
        OneServer server(options);
        RawClient& reader = server.connect();
        server.say(reader, "SUB a 1\r\n");
        server.process->run([&] { reader.pause(); });
        RawClient& speaker = server.connect();
        for (int i = 0; i < 30 && server.counters().slow_consumers.get() == 0; ++i) {
            server.say(speaker, publish("a", 100'000));
            server.pass(milliseconds(50));
        }
        QCOMPARE(server.counters().slow_consumers.get(), std::uint64_t{1});
        QCOMPARE(
            server.cluster.log().count("Slow Consumer Detected: MaxPending of 500000 Exceeded"),
            std::size_t{1});
        // The publisher was held back before it came to that.
        QVERIFY(server.counters().stalled_clients.get() > 0);
        QVERIFY(speaker.is_open());
        QVERIFY(server.serves());
    }

    void without_stalling_the_slow_reader_misses_messages_and_stays() {
        config::Options options;
        options.limits.max_pending = 500'000;
        options.limits.max_payload = 400'000;
        options.limits.no_fast_producer_stall = true;
        options.limits.write_deadline = minutes(5);
        OneServer server(options);
        RawClient& reader = server.connect();
        server.say(reader, "SUB a 1\r\n");
        server.process->run([&] { reader.pause(); });
        RawClient& speaker = server.connect();
        for (int i = 0; i < 30; ++i) {
            server.say(speaker, publish("a", 20'000));
        }
        for (int i = 0; i < 30; ++i) {
            server.say(speaker, publish("a", 20'000));
        }
        QCOMPARE(server.counters().stalled_clients.get(), std::uint64_t{0});
        QCOMPARE(server.counters().slow_consumers.get(), std::uint64_t{0});
        server.process->run([&] { reader.resume(); });
        server.pass(seconds(5));
        QVERIFY(reader.is_open());
        // Some came, whole, and some did not.
        std::string const one = concat("MSG a 1 20000\r\n", std::string(20'000, 'x'), "\r\n");
        std::string left = reader.take_bytes();
        int came = 0;
        for (; left.starts_with(one); left.erase(0, one.size())) {
            ++came;
        }
        QVERIFY(came > 20 && came < 60);
        QVERIFY(left.empty() || left == "PING\r\n");
    }

    void each_end_has_its_reason_data() {
        QTest::addColumn<QString>("bytes");
        QTest::addColumn<QString>("reason");
        auto const row = [](char const* bytes, char const* reason) {
            QTest::newRow(bytes) << QString::fromUtf8(bytes) << QString::fromUtf8(reason);
        };
        row("ZZZ\r\n", "Protocol Violation");
        row("PUB foo\r\n", "Protocol Violation");
        row("PUB foo x\r\n", "Protocol Violation");
        row("PUB foo 2\r\nhixx\r\n", "Protocol Violation");
        row("SUB foo\r\n", "Protocol Violation");
        row("UNSUB 1 2 3\r\n", "Protocol Violation");
        row("INFO {\r\n", "Protocol Violation");
        row("CONNECT {\r\n", "Protocol Violation");
        row("CONNECT {\"headers\":false}\r\nHPUB foo 12 14\r\n", "Protocol Violation");
        row("CONNECT {\"headers\":true}\r\nHPUB foo 5 4\r\n", "Protocol Violation");
        row("CONNECT {\"protocol\":2}\r\n", "Bad Client Protocol Version");
        row("CONNECT {\"no_responders\":true}\r\n", "No Responders Requires Headers");
        row("CONNECT {\"account\":\"A\"}\r\n", "Authentication Failure");
        row("-ERR 'x'\r\n", "Parse Error");
        row("PUB foo 1048577\r\n", "Maximum Message Payload Exceeded");
    }

    void each_end_has_its_reason() {
        QFETCH(QString, bytes);
        QFETCH(QString, reason);
        config::Options options;
        options.logging.debug = true;
        OneServer server(options);
        RawClient& peer = server.open();
        server.say(peer, bytes.toStdString());
        server.pass(seconds(1));
        QVERIFY(peer.end().has_value());
        QCOMPARE(
            server.cluster.log().count(concat("Client connection closed: ", reason.toStdString())),
            std::size_t{1});
    }

    void ends_without_a_word_have_their_reasons_too() {
        config::Options options;
        options.logging.debug = true;
        OneServer server(options);
        RawClient& leaver = server.connect();
        server.process->run([&] { leaver.close(); });
        server.pass(seconds(1));
        QCOMPARE(server.cluster.log().count("Client connection closed: Client Closed"),
                 std::size_t{1});
        server.connect();
        server.cluster.fabric().reset(server.cluster.fabric().connections_of("peers").back());
        server.pass(seconds(1));
        QCOMPARE(server.cluster.log().count("Client connection closed: Read Error"),
                 std::size_t{1});
    }

    void garbage_ends_its_connection_and_nothing_else() {
        OneServer server;
        SimEntropy chance(42);
        std::string garbage(std::size_t{1} << 20, '\0');
        for (int round = 0; round < 20; ++round) {
            chance.fill({reinterpret_cast<unsigned char*>(garbage.data()), garbage.size()});
            RawClient& peer = server.open();
            server.say(peer, garbage);
            server.pass(seconds(1));
            QVERIFY(peer.end().has_value());
            QVERIFY(peer.bytes().ends_with("-ERR 'Unknown Protocol Operation'\r\n"));
        }
        QCOMPARE(server.counters().connections.get(), std::uint64_t{0});
        QVERIFY(server.serves());
    }

    void a_line_of_a_mebibyte_is_refused_long_before_its_end() {
        OneServer server;
        for (char const* verb : {"SUB ", "PUB ", "CONNECT {\"name\":\"", "INFO {\"name\":\""}) {
            RawClient& peer = server.open();
            server.say(peer, concat(verb, std::string(8'000, 'x')));
            server.pass(seconds(1));
            QVERIFY2(peer.end().has_value(), verb);
            QVERIFY(peer.bytes().ends_with("-ERR 'maximum control line exceeded'\r\n"));
        }
        QVERIFY(server.serves());
    }

    void half_a_frame_and_silence_is_held_as_long_as_any_other_silence() {
        OneServer server;
        RawClient& peer = server.connect();
        server.say(peer, "PUB a 1000000\r\nonly this much");
        server.pass(minutes(1));
        QVERIFY(peer.is_open());
        QVERIFY(server.serves());
        server.pass(minutes(10));
        QVERIFY(peer.end().has_value());
        QCOMPARE(server.counters().connections.get(), std::uint64_t{0});
    }

    void ten_thousand_that_come_and_vanish_leave_nothing() {
        OneServer server;
        for (int round = 0; round < 100; ++round) {
            for (int i = 0; i < 100; ++i) {
                server.peers.push_back(std::make_unique<RawClient>());
                RawClient& peer = *server.peers.back();
                server.process->run([&] { peer.connect(*server.process, "server-0", 4222); });
            }
            server.pass(milliseconds(2));
            server.process->run([&] {
                for (std::size_t i = 0; i < server.peers.size(); ++i) {
                    if (i % 3 == 0 && server.peers[i]->is_open()) {
                        server.peers[i]->send("CONNECT {}\r\nSUB a 1\r\nSUB b q 2\r\n");
                    }
                }
            });
            server.pass(milliseconds(1));
            server.process->run([&] { server.peers.clear(); });
        }
        server.pass(seconds(1));
        QCOMPARE(server.counters().total_connections.get(), std::uint64_t{10'000});
        QCOMPARE(server.counters().connections.get(), std::uint64_t{0});
        QCOMPARE(server.counters().subscriptions.get(), std::uint64_t{0});
        QVERIFY(server.serves());
    }
};

SIGNALBOX_TEST(LimitsTest);

}  // namespace signalbox::sim

#include "limits_test.moc"
