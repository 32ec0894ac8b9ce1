#include "tests/connection/table_stage.h"
#include "tests/support/run_tests.h"

namespace signalbox::connection {

using base::milliseconds;
using base::seconds;
using crypto::Secret;
using support::RawClient;

namespace {

/// Of the password `secret`.
constexpr char kHash[] = "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW";

config::Options one_user() {
    config::Options options;
    options.authorization.user = "u";
    options.authorization.password = Secret("p");
    return options;
}

config::Options hashed_user() {
    config::Options options = one_user();
    options.authorization.password = Secret(kHash);
    return options;
}

config::Options two_users() {
    config::Options options;
    options.authorization.users = {{.name = "a", .password = Secret("1a")},
                                   {.name = "b", .password = Secret("2b")}};
    return options;
}

std::string connect_as(std::string_view user, std::string_view password) {
    return concat("CONNECT {\"verbose\":false,\"user\":\"", user, "\",\"pass\":\"", password,
                  "\"}\r\n");
}

}  // namespace

/// Who a connection is, and what it may do before that is known.
class HandshakeTest : public QObject {
    Q_OBJECT

private slots:
    void before_it_is_known_who_it_is_only_connect_is_taken_data() {
        QTest::addColumn<QString>("bytes");
        for (char const* bytes : {"PING\r\n", "PONG\r\n", "PUB x 0\r\n\r\n", "SUB x 1\r\n",
                                  "UNSUB 1\r\n", "+OK\r\n", "-ERR 'x'\r\n", "INFO {}\r\n",
                                  "HPUB x 0 0\r\n\r\n", "ZZZ\r\n", "p", "\r\n", "\x16\x03\x01"}) {
            QTest::newRow(qPrintable(QString::fromStdString(base::quoted(bytes))))
                << QString(bytes);
        }
    }

    void before_it_is_known_who_it_is_only_connect_is_taken() {
        QFETCH(QString, bytes);
        TableStage stage(one_user());
        RawClient& peer = stage.open();
        peer.take_bytes();
        QCOMPARE(stage.ask(peer, concat(bytes.toStdString(), "SUB x 2\r\n")),
                 std::string(kRefused));
        QVERIFY(!peer.is_open());
        QCOMPARE(stage.last_reason(), std::string("Authentication Failure"));
        QCOMPARE(stage.observation.counters.auth_failures.get(), std::uint64_t{1});
        QCOMPARE(stage.subscription_count(), std::size_t{0});
    }

    void a_connect_may_come_byte_by_byte() {
        TableStage stage(one_user());
        RawClient& peer = stage.open();
        peer.take_bytes();
        for (char const c : connect_as("u", "p") + "PING\r\n") {
            stage.say(peer, std::string(1, c));
        }
        QCOMPARE(peer.take_bytes(), std::string("PONG\r\n"));
    }

    // A password hash takes as long as many messages: meanwhile nothing is taken, and nothing lost.
    void what_comes_while_a_password_is_hashed_waits_for_the_verdict() {
        TableStage stage(hashed_user());
        stage.near->workers().set_cost(milliseconds(500));
        RawClient& peer = stage.open();
        peer.take_bytes();
        stage.say(peer, concat(connect_as("u", "secret"), "SUB x 1\r\nPUB x 1\r\na\r\nPUB x"));
        stage.say(peer, " 1\r\nb\r\n");
        stage.say(peer, "PING\r\n");
        QCOMPARE(peer.bytes(), std::string());
        QCOMPARE(stage.subscription_count(), std::size_t{0});
        stage.pass(seconds(1));
        QCOMPARE(peer.take_bytes(), std::string("MSG x 1 1\r\na\r\nMSG x 1 1\r\nb\r\nPONG\r\n"));
    }

    void what_came_with_a_wrong_password_is_never_looked_at() {
        TableStage stage(hashed_user());
        RawClient& peer = stage.open();
        peer.take_bytes();
        stage.say(peer, concat(connect_as("u", "wrong"), "SUB x 1\r\nPING\r\n"));
        stage.pass(seconds(1));
        QCOMPARE(peer.take_bytes(), std::string(kRefused));
        QVERIFY(!peer.is_open());
        QCOMPARE(stage.accounts.global().inserts(), std::uint64_t{0});
    }

    void two_connects_in_one_piece_are_two_verdicts() {
        TableStage stage(hashed_user());
        RawClient& peer = stage.open();
        peer.take_bytes();
        stage.say(peer, concat(connect_as("u", "secret"), "SUB x 1\r\n", connect_as("u", "secret"),
                               "SUB y 1\r\nPUB x 1\r\na\r\nPUB y 1\r\nb\r\nPING\r\n"));
        stage.pass(seconds(2));
        // The second began anew.
        QCOMPARE(peer.take_bytes(), std::string("MSG y 1 1\r\nb\r\nPONG\r\n"));
        stage.say(peer, concat(connect_as("u", "wrong"), "PING\r\n"));
        stage.pass(seconds(2));
        QCOMPARE(peer.take_bytes(), std::string(kRefused));
    }

    void who_goes_while_the_password_is_hashed_is_gone() {
        TableStage stage(hashed_user());
        stage.near->workers().set_cost(milliseconds(500));
        RawClient& peer = stage.open();
        stage.say(peer, connect_as("u", "secret"));
        stage.far->run([&] { peer.close(); });
        stage.pass(seconds(2));
        QVERIFY(stage.table->open().empty());
        RawClient& other = stage.open();
        stage.say(other, connect_as("u", "secret") + "PING\r\n");
        stage.pass(seconds(2));
        QVERIFY(other.bytes().ends_with("PONG\r\n"));
    }

    void who_says_nothing_in_time_is_told_so() {
        TableStage stage(one_user());
        RawClient& peer = stage.open();
        RawClient& half = stage.open();
        peer.take_bytes();
        stage.say(half, "CONNECT {\"user\":");
        stage.pass(milliseconds(1'900));
        QCOMPARE(peer.bytes(), std::string());
        stage.pass(milliseconds(200));
        QCOMPARE(peer.bytes(), std::string("-ERR 'Authentication Timeout'\r\n"));
        QVERIFY(!peer.is_open() && !half.is_open());
        QCOMPARE(stage.last_reason(), std::string("Authentication Timeout"));
    }

    void who_is_in_is_not_timed() {
        TableStage stage(one_user());
        RawClient& peer = stage.open();
        stage.say(peer, connect_as("u", "p"));
        stage.pass(seconds(60));
        QVERIFY(peer.is_open());
    }

    void a_verdict_that_comes_too_late_is_not_heard() {
        config::Options options = hashed_user();
        options.authorization.timeout = seconds(1);
        TableStage stage(options);
        stage.near->workers().set_cost(seconds(3));
        RawClient& peer = stage.open();
        peer.take_bytes();
        stage.say(peer, connect_as("u", "secret"));
        stage.pass(seconds(10));
        QCOMPARE(peer.take_bytes(), std::string("-ERR 'Authentication Timeout'\r\n"));
        QVERIFY(!peer.is_open());
    }

    void who_shows_nothing_is_the_user_for_that() {
        config::Options options = two_users();
        options.authorization.no_auth_user = "a";
        TableStage stage(options);
        RawClient& peer = stage.open();
        QVERIFY(peer.take_bytes().find("auth_required") == std::string::npos);
        QCOMPARE(stage.ask(peer, "PING\r\n"), std::string("PONG\r\n"));
        QCOMPARE(stage.table->open().oldest()->identity().user, std::string("a"));
        RawClient& other = stage.open();
        other.take_bytes();
        QCOMPARE(stage.ask(other, connect_as("b", "1a") + "PING\r\n"), std::string(kRefused));
    }

    void each_connection_has_the_next_number_and_is_told_it() {
        TableStage stage;
        QCOMPARE(stage.table->take_number(), std::uint64_t{1});
        QVERIFY(stage.open().bytes().find("\"client_id\":2,") != std::string::npos);
        QVERIFY(stage.open().bytes().find("\"client_id\":3,") != std::string::npos);
        QVERIFY(stage.table->find(2) != nullptr);
        QVERIFY(stage.table->find(4) == nullptr);
    }

    // A password that goes through the log would be there for ever.
    void a_traced_connect_shows_no_secret() {
        TableStage stage;
        stage.log.enable(true, true);
        RawClient& peer = stage.open();
        stage.say(peer,
                  "CONNECT {\"user\":\"u\",\"pass\":\"hush1\",\"auth_token\":\"hush2\",\"JWT\":"
                  "\"hush3\",\"sig\":\"hush4\",\"name\":\"me\"}\r\n");
        QVERIFY(stage.sink.says("\"name\":\"me\""));
        QVERIFY(stage.sink.says("[REDACTED]"));
        QVERIFY(!stage.sink.says("hush"));
        stage.say(peer, "CONNECT {\"pass\":\"hush5\"\r\n");
        QVERIFY(!stage.sink.says("hush"));
    }

    void those_whom_new_users_do_not_admit_are_told_and_closed() {
        TableStage stage(two_users());
        RawClient& a = stage.open();
        RawClient& b = stage.open();
        stage.say(a, connect_as("a", "1a"));
        stage.say(b, connect_as("b", "2b"));
        stage.say(b, "SUB x 1\r\n");
        a.take_bytes();
        b.take_bytes();
        config::Options now = two_users();
        now.authorization.users[0].password = Secret("new");
        stage.reload(now);
        QCOMPARE(a.take_bytes(), std::string(kRefused));
        QVERIFY(!a.is_open());
        QCOMPARE(stage.ask(b, "PUB x 1\r\nm\r\n"), std::string("MSG x 1 1\r\nm\r\n"));
    }

    void when_users_are_asked_for_the_nameless_go() {
        TableStage stage;
        RawClient& silent = stage.open();
        RawClient& nameless = stage.connect();
        RawClient& named = stage.open();
        stage.say(named, connect_as("u", "p"));
        named.take_bytes();
        silent.take_bytes();
        stage.reload(one_user());
        QCOMPARE(silent.take_bytes(), std::string(kRefused));
        QCOMPARE(nameless.take_bytes(), std::string(kRefused));
        QCOMPARE(stage.ask(named, "PING\r\n"), std::string("PONG\r\n"));
    }

    void when_users_are_not_asked_for_any_more_who_has_not_said_is_in() {
        TableStage stage(one_user());
        RawClient& peer = stage.open();
        peer.take_bytes();
        stage.reload({});
        QCOMPARE(stage.ask(peer, "PING\r\n"), std::string("PONG\r\n"));
        stage.pass(seconds(10));
        QVERIFY(peer.is_open());
    }
};
SIGNALBOX_TEST(HandshakeTest);

}  // namespace signalbox::connection

#include "handshake_test.moc"
