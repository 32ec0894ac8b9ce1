#include "engine/connection/acceptor.h"

#include "tests/connection/table_stage.h"
#include "tests/support/run_tests.h"

namespace signalbox::connection {

using base::milliseconds;
using base::seconds;
using support::RawClient;

namespace {

std::string message_of(std::size_t size, char filler) {
    return std::string(size, filler);
}

std::string publish(std::string_view subject, std::string_view payload) {
    return concat("PUB ", subject, " ", payload.size(), "\r\n", payload, "\r\n");
}

std::string delivery(std::string_view subject, std::string_view sid, std::string_view payload) {
    return concat("MSG ", subject, " ", sid, " ", payload.size(), "\r\n", payload, "\r\n");
}

}  // namespace

/// Messages between connections.
class MessagesTest : public QObject {
    Q_OBJECT

private slots:
    // Messages on one subject are handed over together; what each subscriber gets is the same as if
    // they came one by one, whatever their sizes.
    void a_run_of_messages_is_delivered_as_it_was_sent_data() {
        QTest::addColumn<QList<int>>("sizes");
        QTest::newRow("small") << QList<int>{1, 2, 3, 0, 4};
        QTest::newRow("just within one run of bytes") << QList<int>{4'070, 4'071, 4'072};
        QTest::newRow("just beyond") << QList<int>{4'080, 4'081, 4'082, 4'083, 4'084, 4'085};
        QTest::newRow("large among small") << QList<int>{10, 4'084, 11, 20'000, 12, 4'085, 17'000};
        QTest::newRow("large") << QList<int>{16'384, 20'000, 30'000};
        QTest::newRow("many") << QList<int>(3'000, 7);
    }

    void a_run_of_messages_is_delivered_as_it_was_sent() {
        QFETCH(QList<int>, sizes);
        TableStage stage;
        RawClient& one = stage.connect();
        RawClient& same = stage.connect();
        RawClient& other = stage.connect();
        RawClient& publisher = stage.connect();
        stage.say(one, "SUB x.y 1\r\n");
        stage.say(same, "SUB x.* 1\r\n");
        stage.say(other, "SUB > another-sid\r\n");
        std::string sent;
        std::string expected;
        std::string expected_of_other;
        for (int i = 0; i < sizes.size(); ++i) {
            std::string const payload =
                message_of(static_cast<std::size_t>(sizes[i]), static_cast<char>('a' + i % 26));
            sent += publish("x.y", payload);
            expected += delivery("x.y", "1", payload);
            expected_of_other += delivery("x.y", "another-sid", payload);
        }
        stage.say(publisher, sent);
        stage.pass(seconds(1));
        QVERIFY(one.bytes() == expected);
        QVERIFY(same.bytes() == expected);
        QVERIFY(other.bytes() == expected_of_other);
    }

    // A line written in an unusual way must not be repeated so to others.
    void subscribers_get_regular_lines_whatever_was_sent_data() {
        QTest::addColumn<QString>("line");
        QTest::addColumn<QString>("delivered");
        auto const row = [](char const* line, char const* delivered) {
            QTest::newRow(qPrintable(QString::fromStdString(base::quoted(line))))
                << QString(line) << QString(delivered);
        };
        row("PUB x 2 \n", "MSG x 1 2\r\nhi\r\n");
        row("PUB  x 2\n", "MSG x 1 2\r\nhi\r\n");
        row("PUB x\r2\r\n", "MSG x 1 2\r\nhi\r\n");
        row("PUB x\tr\t2\n", "MSG x 1 r 2\r\nhi\r\n");
        row("HPUB x 1\r2\r\n", "HMSG x 1 1 2\r\nhi\r\n");
        row("HPUB x r 1\t \r2\n", "HMSG x 1 r 1 2\r\nhi\r\n");
        row("HPUB x 0\r2\r\n", "MSG x 1 2\r\nhi\r\n");
        row("HPUB x 0 02\r\n", "MSG x 1 2\r\nhi\r\n");
    }

    void subscribers_get_regular_lines_whatever_was_sent() {
        QFETCH(QString, line);
        QFETCH(QString, delivered);
        TableStage stage;
        RawClient& peer = stage.connect("{\"verbose\":false,\"headers\":true}");
        stage.say(peer, "SUB x 1\r\n");
        QCOMPARE(stage.ask(peer, line.toStdString() + "hi\r\n"), delivered.toStdString());
    }

    void each_subject_that_is_none_is_complained_about() {
        TableStage stage;
        RawClient& peer = stage.connect("{\"verbose\":true,\"pedantic\":true}");
        std::string const one = publish("x.*", "m");
        std::string const answer = "-ERR 'Invalid Publish Subject'\r\n+OK\r\n";
        QCOMPARE(stage.ask(peer, one + one + one), answer + answer + answer);
    }

    void who_asks_nobody_is_told_also_after_other_messages() {
        TableStage stage;
        RawClient& peer =
            stage.connect("{\"verbose\":false,\"headers\":true,\"no_responders\":true}");
        stage.say(peer, "SUB r.* 7\r\n");
        std::string const answer =
            "HMSG r.1 7 33 33\r\nNATS/1.0 503\r\nNats-Subject: x\r\n\r\n\r\n";
        QCOMPARE(stage.ask(peer, "PUB x 1\r\na\r\nPUB x r.1 1\r\nb\r\nPUB x r.1 1\r\nc\r\n"),
                 answer + answer);
    }

    void what_was_published_before_a_fault_is_delivered_and_nothing_after() {
        TableStage stage;
        RawClient& listener = stage.connect();
        RawClient& peer = stage.connect();
        stage.say(listener, "SUB > 1\r\n");
        stage.say(peer, concat(publish("x", "1"), publish("x", "2"), "ZZZ\r\n", publish("x", "3"),
                               "SUB x 1\r\n"));
        QCOMPARE(listener.take_bytes(), delivery("x", "1", "1") + delivery("x", "1", "2"));
        QCOMPARE(peer.take_bytes(), std::string("-ERR 'Unknown Protocol Operation'\r\n"));
        QCOMPARE(stage.subscription_count(), std::size_t{1});
    }

    void what_is_unsubscribed_between_messages_gets_none_after() {
        TableStage stage;
        RawClient& peer = stage.connect();
        QCOMPARE(stage.ask(peer, concat("SUB x 1\r\n", publish("x", "a"), "UNSUB 1\r\n",
                                        publish("x", "b"), "SUB x 2\r\n", publish("x", "c"),
                                        "UNSUB 2 3\r\n", publish("x", "d"), publish("x", "e"),
                                        publish("x", "f"), "PING\r\n")),
                 concat(delivery("x", "1", "a"), delivery("x", "2", "c"), delivery("x", "2", "d"),
                        delivery("x", "2", "e"), "PONG\r\n"));
        QCOMPARE(stage.subscription_count(), std::size_t{0});
    }

    void counts_are_those_of_messages_and_payloads() {
        TableStage stage;
        RawClient& peer = stage.connect("{\"verbose\":false,\"headers\":true}");
        stage.say(peer, "SUB x 1\r\nSUB x q 2\r\n");
        stage.say(peer,
                  concat(publish("x", "12345"), "HPUB x 3 5\r\nabcde\r\n", publish("y", "1")));
        observe::ServerCounters const& counters = stage.observation.counters;
        QCOMPARE(counters.in_msgs.get(), std::uint64_t{3});
        QCOMPARE(counters.in_bytes.get(), std::uint64_t{11});
        QCOMPARE(counters.out_msgs.get(), std::uint64_t{4});
        QCOMPARE(counters.out_bytes.get(), std::uint64_t{20});
        QCOMPARE(counters.subscriptions.get(), std::uint64_t{2});
    }

    void the_producer_of_a_slow_reader_is_held_back() {
        config::Options options;
        options.limits.max_pending = 1'000'000;
        TableStage stage(options);
        RawClient& reader = stage.connect();
        RawClient& producer = stage.connect();
        stage.say(reader, "SUB x 1\r\n");
        stage.far->run([&] { reader.pause(); });
        std::string const piece = publish("x", message_of(10'000, 'p'));
        // What the link takes, three quarters of what may wait, and a little.
        for (int i = 0; i < 108; ++i) {
            stage.say(producer, piece);
        }
        QVERIFY(stage.observation.counters.stalled_clients.get() > 0);
        QVERIFY(reader.is_open());
        QCOMPARE(stage.observation.counters.slow_consumers.get(), std::uint64_t{0});
        // And goes on when the reader does.
        stage.far->run([&] { reader.resume(); });
        stage.pass(seconds(1));
        QCOMPARE(reader.bytes().size(),
                 std::size_t{108} * delivery("x", "1", message_of(10'000, 'p')).size());
    }
};
SIGNALBOX_TEST(MessagesTest);

/// The connections of one server.
class ConnectionTableTest : public QObject {
    Q_OBJECT

private slots:
    void one_too_many_is_greeted_told_and_closed() {
        config::Options options;
        options.limits.max_connections = 2;
        TableStage stage(options);
        RawClient& first = stage.connect();
        stage.connect();
        RawClient& third = stage.open();
        QVERIFY(third.bytes().starts_with("INFO {"));
        QVERIFY(third.bytes().ends_with("\r\n-ERR 'maximum connections exceeded'\r\n"));
        QVERIFY(!third.is_open());
        QCOMPARE(stage.last_reason(), std::string("Maximum Connections Exceeded"));
        stage.far->run([&] { first.close(); });
        stage.pass(milliseconds(5));
        QVERIFY(stage.open().is_open());
    }

    void a_lowered_number_closes_the_newest() {
        TableStage stage;
        std::vector<RawClient*> peers;
        for (int i = 0; i < 5; ++i) {
            peers.push_back(&stage.connect());
        }
        config::Options now;
        now.limits.max_connections = 3;
        stage.reload(now);
        for (std::size_t i = 0; i < 5; ++i) {
            QCOMPARE(peers[i]->is_open(), i < 3);
        }
        QCOMPARE(peers[4]->take_bytes(), std::string("-ERR 'maximum connections exceeded'\r\n"));
    }

    // Those whom the same reload sent away make room for the others.
    void who_is_leaving_already_does_not_count() {
        config::Options options;
        options.authorization.users = {{.name = "a", .password = crypto::Secret("1")},
                                       {.name = "b", .password = crypto::Secret("2")}};
        TableStage stage(options);
        RawClient& a = stage.connect("{\"verbose\":false,\"user\":\"a\",\"pass\":\"1\"}");
        RawClient& b = stage.connect("{\"verbose\":false,\"user\":\"b\",\"pass\":\"2\"}");
        RawClient& c = stage.connect("{\"verbose\":false,\"user\":\"b\",\"pass\":\"2\"}");
        config::Options now = options;
        now.authorization.users[0].password = crypto::Secret("other");
        now.limits.max_connections = 2;
        stage.reload(now);
        QVERIFY(!a.is_open());
        QVERIFY(b.is_open());
        QVERIFY(c.is_open());
    }

    void a_connection_s_subscriptions_go_with_it() {
        TableStage stage;
        RawClient& peer = stage.connect();
        RawClient& other = stage.connect();
        stage.say(peer, "SUB x 1\r\nSUB x.> q 2\r\nSUB > 3\r\n");
        stage.say(other, "SUB y 1\r\n");
        QCOMPARE(stage.subscription_count(), std::size_t{4});
        stage.far->run([&] { peer.close(); });
        stage.pass(milliseconds(5));
        QCOMPARE(stage.subscription_count(), std::size_t{1});
        QCOMPARE(stage.observation.counters.subscriptions.get(), std::uint64_t{1});
        QCOMPARE(stage.observation.counters.connections.get(), std::uint64_t{1});
        QCOMPARE(stage.observation.counters.total_connections.get(), std::uint64_t{2});
        QCOMPARE(stage.ask(other, publish("x", "a") + "PING\r\n"), std::string("PONG\r\n"));
    }

    void who_is_kicked_goes_without_a_word() {
        TableStage stage;
        RawClient& peer = stage.connect();
        std::uint64_t const cid = stage.table->open().oldest()->cid();
        stage.near->run([&] {
            QVERIFY(stage.table->disconnect(cid));
            QVERIFY(!stage.table->disconnect(cid));
        });
        stage.pass(milliseconds(5));
        QCOMPARE(peer.take_bytes(), std::string());
        QVERIFY(!peer.is_open());
        QCOMPARE(stage.last_reason(), std::string("Kicked"));
        stage.near->run([&] { QVERIFY(!stage.table->disconnect(12'345)); });
    }

    void the_newest_that_closed_are_remembered_with_what_they_had() {
        config::Options options;
        options.limits.max_closed_clients = 3;
        TableStage stage(options);
        for (int i = 0; i < 5; ++i) {
            RawClient& peer =
                stage.connect(concat("{\"verbose\":false,\"name\":\"n", i, "\",\"lang\":\"c\"}"));
            stage.say(peer, concat("SUB x q ", i, "\r\n", publish("x", "abc")));
            stage.far->run([&] { peer.close(); });
            stage.pass(milliseconds(5));
        }
        auto const& closed = stage.table->closed();
        QCOMPARE(closed.size(), std::size_t{3});
        QCOMPARE(closed.front().identity->name, std::string("n2"));
        ClosedConnection const& last = closed.back();
        QCOMPARE(last.identity->name, std::string("n4"));
        QVERIFY(last.reason == CloseReason::ClientClosed);
        QCOMPARE(last.in_msgs, std::uint64_t{1});
        QCOMPARE(last.out_bytes, std::uint64_t{3});
        QVERIFY(last.subscriptions != nullptr);
        QCOMPARE(last.subscriptions->at(0).sid, std::string("4"));
        QCOMPARE(last.subscriptions->at(0).queue, std::string("q"));
        QCOMPARE(last.subscriptions->at(0).delivered, std::uint64_t{1});
        QVERIFY(last.stop >= last.last_activity);
    }

    void none_is_remembered_when_none_is_to_be() {
        config::Options options;
        options.limits.max_closed_clients = 0;
        TableStage stage(options);
        RawClient& peer = stage.connect();
        stage.far->run([&] { peer.close(); });
        stage.pass(milliseconds(5));
        QVERIFY(stage.table->closed().empty());
    }

    void what_was_pending_comes_before_the_reason_for_closing() {
        TableStage stage;
        RawClient& peer = stage.connect();
        stage.say(peer, "SUB x 1\r\n");
        std::string const payload = message_of(50'000, 'p');
        std::string expected;
        std::string sent;
        for (int i = 0; i < 10; ++i) {
            sent += publish("x", payload);
            expected += delivery("x", "1", payload);
        }
        stage.say(peer, sent + "ZZZ\r\n");
        stage.pass(seconds(1));
        QVERIFY(peer.bytes() == expected + "-ERR 'Unknown Protocol Operation'\r\n");
        QVERIFY(!peer.is_open());
    }

    void at_the_end_all_are_flushed_and_who_does_not_read_is_not_waited_for() {
        TableStage stage;
        RawClient& reads = stage.connect();
        RawClient& does_not = stage.connect();
        stage.say(reads, "SUB x 1\r\n");
        stage.say(does_not, "SUB x 1\r\n");
        stage.far->run([&] { does_not.pause(); });
        std::string const payload = message_of(100'000, 'p');
        for (int i = 0; i < 10; ++i) {
            stage.say(reads, publish("x", payload));
        }
        bool done = false;
        stage.near->run([&] {
            stage.listener.reset();
            stage.table->close_all(CloseReason::ServerShutdown, [&] { done = true; });
            QVERIFY(!done);
        });
        stage.pass(milliseconds(150));
        QVERIFY(done);
        QVERIFY(!reads.is_open());
        QCOMPARE(reads.bytes().size(), 10 * delivery("x", "1", payload).size());
        QVERIFY(stage.table->open().empty());
        QCOMPARE(stage.last_reason(), std::string("Server Shutdown"));
    }

    void without_connections_the_end_comes_at_once_but_not_from_within() {
        TableStage stage;
        bool done = false;
        stage.near->run([&] {
            stage.table->close_all(CloseReason::ServerShutdown, [&] { done = true; });
            QVERIFY(!done);
        });
        stage.pass(milliseconds(1));
        QVERIFY(done);
    }

    void new_settings_hold_for_those_who_are_there_and_are_told_to_who_understands() {
        TableStage stage;
        RawClient& knows = stage.connect("{\"verbose\":false,\"protocol\":1}");
        RawClient& does_not = stage.connect("{\"verbose\":false,\"protocol\":0}");
        stage.say(knows, "PING\r\n");
        stage.say(does_not, "PING\r\n");
        knows.take_bytes();
        does_not.take_bytes();
        config::Options now;
        now.limits.max_payload = 100;
        stage.reload(now);
        QVERIFY(knows.bytes().starts_with("INFO {"));
        QVERIFY(knows.take_bytes().find("\"max_payload\":100,") != std::string::npos);
        QCOMPARE(does_not.take_bytes(), std::string());
        for (RawClient* const peer : {&knows, &does_not}) {
            QCOMPARE(stage.ask(*peer, publish("x", message_of(101, 'p'))),
                     std::string("-ERR 'Maximum Payload Violation'\r\n"));
        }
    }

    void a_new_write_deadline_holds_for_those_who_are_there() {
        TableStage stage;
        RawClient& reader = stage.connect();
        RawClient& producer = stage.connect();
        stage.say(reader, "SUB x 1\r\n");
        config::Options now;
        now.limits.write_deadline = seconds(1);
        stage.reload(now);
        stage.far->run([&] { reader.pause(); });
        stage.say(producer, publish("x", message_of(900'000, 'p')));
        stage.pass(milliseconds(1'200));
        QCOMPARE(stage.last_reason(), std::string("Slow Consumer (Write Deadline)"));
        QCOMPARE(stage.observation.counters.slow_consumers.get(), std::uint64_t{1});
    }

    void the_round_trip_is_measured_once_it_may_be() {
        TableStage stage;
        stage.universe.fabric().set_profile("near", "far", {.latency = milliseconds(10)});
        RawClient& peer = stage.open();
        stage.pass(milliseconds(100));
        stage.say(peer, "CONNECT {\"verbose\":false}\r\nPING\r\n");
        stage.pass(milliseconds(100));
        QVERIFY(peer.take_bytes().ends_with("PONG\r\n"));
        stage.pass(milliseconds(2'500));
        QCOMPARE(peer.take_bytes(), std::string("PING\r\n"));
        // The answer takes half the way back; the test's delay is part of the time.
        ClientConnection const& connection = *stage.table->open().oldest();
        QCOMPARE(connection.rtt().count(), 0);
        stage.say(peer, "PONG\r\n");
        stage.pass(milliseconds(100));
        QVERIFY(connection.rtt() >= milliseconds(20));
        QCOMPARE(connection.counters().rtt.get(),
                 static_cast<std::uint64_t>(connection.rtt().count()));
    }

    void whoever_watches_is_told_of_each_life() {
        TableStage stage({}, observe::Watch::On);
        RawClient& peer = stage.connect("{\"verbose\":false,\"name\":\"me\"}");
        stage.say(peer, "SUB x 1\r\n");
        stage.near->run([&] { stage.table->announce_all(); });
        stage.far->run([&] { peer.close(); });
        stage.pass(milliseconds(5));
        std::vector<std::string> kinds;
        observe::EventRing& events = *stage.observation.events();
        while (observe::EventRow const* const row = events.front()) {
            kinds.push_back(
                concat(static_cast<int>(row->kind), ":", row->connection->name, ":", row->text));
            events.pop();
        }
        auto const kind = [](observe::EventKind k) { return static_cast<int>(k); };
        QCOMPARE(base::join(kinds, " "),
                 concat(kind(observe::EventKind::ConnectionOpened),
                        ":: ", kind(observe::EventKind::ConnectionIdentified),
                        ":me: ", kind(observe::EventKind::ConnectionIdentified),
                        ":me: ", kind(observe::EventKind::ConnectionClosed), ":me:Client Closed"));
    }
};
SIGNALBOX_TEST(ConnectionTableTest);

/// Listeners.
class AcceptorTest : public QObject {
    Q_OBJECT

private slots:
    void it_listens_where_it_says_and_no_longer_than_it_lives() {
        TableStage stage;
        std::vector<std::unique_ptr<world::Link>> links;
        std::optional<Result<world::Address>> opened;
        auto acceptor = std::make_unique<Acceptor>(*stage.near);
        stage.near->run([&] {
            acceptor->open({.name = "server",
                            .host = "10.0.0.1",
                            .port = -1,
                            .accept = [&](auto link) { links.push_back(std::move(link)); }},
                           [&](Result<world::Address> address) { opened = std::move(address); });
            QVERIFY(!opened);
        });
        stage.pass(milliseconds(5));
        QVERIFY(opened && opened->ok());
        QCOMPARE(opened->value().host, std::string("10.0.0.1"));
        QVERIFY(opened->value().port != 0);
        RawClient first;
        RawClient second;
        stage.far->run([&] { first.connect(*stage.far, "near", opened->value().port); });
        stage.pass(milliseconds(50));
        QCOMPARE(links.size(), std::size_t{1});
        acceptor.reset();
        stage.far->run([&] { second.connect(*stage.far, "near", opened->value().port); });
        stage.pass(seconds(10));
        QCOMPARE(links.size(), std::size_t{1});
        QVERIFY(second.error().has_value());
    }

    void a_second_address_is_listened_on_where_there_is_one() {
        TableStage stage;
        std::vector<std::unique_ptr<world::Link>> links;
        Acceptor acceptor(*stage.near);
        auto const open = [&](std::string const& name, int port, std::string const& second) {
            std::optional<Result<world::Address>> opened;
            stage.near->run([&] {
                acceptor.open({.name = name,
                               .host = "127.0.0.1",
                               .second_host = second,
                               .port = port,
                               .accept = [&](auto link) { links.push_back(std::move(link)); }},
                              [&](Result<world::Address> address) { opened = std::move(address); });
            });
            stage.pass(milliseconds(5));
            return opened && opened->ok() && opened->value().host == "127.0.0.1";
        };
        QVERIFY(open("both", 4300, "::1"));
        QVERIFY(open("one", 4301, "10.9.9.9"));  // Not this machine's.
        auto const connects = [&](std::string const& host, std::uint16_t port) {
            RawClient peer;
            stage.near->run([&] { peer.connect(*stage.near, host, port); });
            stage.pass(seconds(5));
            return !peer.error().has_value();
        };
        QVERIFY(connects("127.0.0.1", 4300));
        QVERIFY(connects("::1", 4300));
        QVERIFY(connects("127.0.0.1", 4301));
        QVERIFY(!connects("::1", 4301));
        QCOMPARE(links.size(), std::size_t{3});
        acceptor.close("both");
        QVERIFY(!connects("127.0.0.1", 4300));
        QVERIFY(!connects("::1", 4300));
        QVERIFY(connects("127.0.0.1", 4301));
    }

    void what_cannot_be_listened_on_is_said_data() {
        QTest::addColumn<QString>("host");
        QTest::addColumn<int>("port");
        QTest::addColumn<int>("code");
        QTest::newRow("in use") << "0.0.0.0" << 4222 << static_cast<int>(Errc::Io);
        QTest::newRow("no such name") << "nowhere" << 4300 << static_cast<int>(Errc::NotFound);
    }

    void what_cannot_be_listened_on_is_said() {
        QFETCH(QString, host);
        QFETCH(int, port);
        QFETCH(int, code);
        TableStage stage;
        Acceptor acceptor(*stage.near);
        std::optional<Result<world::Address>> opened;
        stage.near->run([&] {
            acceptor.open(
                {.name = "server", .host = host.toStdString(), .port = port, .accept = {}},
                [&](Result<world::Address> address) { opened = std::move(address); });
        });
        stage.pass(milliseconds(100));
        QVERIFY(opened && !opened->ok());
        QCOMPARE(static_cast<int>(opened->error().code()), code);
    }

    void one_that_is_gone_answers_no_more() {
        TableStage stage;
        bool answered = false;
        stage.near->run([&] {
            Acceptor acceptor(*stage.near);
            acceptor.open({.name = "server", .host = "10.0.0.1", .port = 4300, .accept = {}},
                          [&](auto const&) { answered = true; });
        });
        stage.pass(seconds(1));
        QVERIFY(!answered);
    }
};
SIGNALBOX_TEST(AcceptorTest);

}  // namespace signalbox::connection

#include "connection_test.moc"
