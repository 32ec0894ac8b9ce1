#include "tests/connection/table_stage.h"
#include "tests/support/plain_permissions.h"
#include "tests/support/run_tests.h"

namespace signalbox::connection {

using base::milliseconds;
using base::seconds;
using crypto::Secret;
using permission::Permissions;
using support::RawClient;

namespace {

/// `a`, who may do so much, and `b`, who may do everything.
config::Options with(Permissions permissions) {
    config::Options options;
    options.authorization.users = {
        {.name = "a", .password = Secret("a"), .permissions = std::move(permissions)},
        {.name = "b", .password = Secret("b")}};
    return options;
}

/// Beside them `x` of account A.
config::Options with_account(config::AccountLimits limits) {
    config::Options options = with({});
    config::AccountOptions account{.name = "A"};
    account.users = {{.name = "x", .password = Secret("x")}};
    account.limits = limits;
    options.accounts = {account};
    return options;
}

std::string as(std::string_view user) {
    return concat("{\"verbose\":false,\"pedantic\":false,\"user\":\"", user, "\",\"pass\":\"", user,
                  "\"}");
}

std::string publish(std::string_view subject, std::string_view reply = {}) {
    return concat("PUB ", subject, " ", reply, reply.empty() ? "0\r\n\r\n" : " 0\r\n\r\n");
}

std::string subscribe(std::string_view filter, std::string_view queue, std::string_view sid) {
    return concat("SUB ", filter, " ", queue, queue.empty() ? "" : " ", sid, "\r\n");
}

/// Everyone is admitted as this.
class AdmittingAuth : public auth::Authenticator {
public:
    explicit AdmittingAuth(auth::Identity identity) : identity_(std::move(identity)) {}

    void authenticate(auth::Credentials const&, auth::OnVerdict done) override {
        done({.admitted = true, .identity = identity_});
    }

private:
    auth::Identity identity_;
};

}  // namespace

/// What permissions do to a connection.
class PermissionTest : public QObject {
    Q_OBJECT

private slots:
    void what_is_denied_is_said_and_not_done() {
        TableStage stage(with({.publish = {.allow = {"in.>"}}, .subscribe = {.deny = {"out.x"}}}));
        RawClient& a = stage.connect(as("a"));
        RawClient& b = stage.connect(as("b"));
        stage.say(b, "SUB > 1\r\n");
        QCOMPARE(stage.ask(a, publish("out.x")),
                 std::string("-ERR 'Permissions Violation for Publish to \"out.x\"'\r\n"));
        QCOMPARE(stage.ask(a, subscribe("out.x", "", "9")),
                 std::string("-ERR 'Permissions Violation for Subscription to \"out.x\"'\r\n"));
        QCOMPARE(stage.ask(a, subscribe("out.x", "q", "9")),
                 std::string("-ERR 'Permissions Violation for Subscription to \"out.x\" using "
                             "queue \"q\"'\r\n"));
        QCOMPARE(stage.ask(a, publish("in.x")), std::string());
        QCOMPARE(b.take_bytes(), std::string("MSG in.x 1 0\r\n\r\n"));
        QVERIFY(stage.sink.says("Publish Violation - Subject \"out.x\""));
        QVERIFY(stage.sink.says("Subscription Violation - Subject \"out.x\", Queue: \"q\", SID 9"));
    }

    // One run of publishes is checked once; refused ones never join it.
    void every_message_of_a_read_is_checked() {
        TableStage stage(with({.publish = {.deny = {"x"}}}));
        RawClient& a = stage.connect(as("a"));
        RawClient& b = stage.connect(as("b"));
        stage.say(b, "SUB > 1\r\n");
        stage.say(a, concat(publish("y"), publish("x"), publish("x", "r"), publish("y"),
                            publish("y", "_R_.x"), publish("y", "r")));
        QCOMPARE(b.take_bytes(), std::string("MSG y 1 0\r\n\r\nMSG y 1 0\r\n\r\n"
                                             "MSG y 1 r 0\r\n\r\n"));
    }

    void a_group_member_that_may_not_have_a_message_leaves_it_to_another() {
        TableStage stage(with({.subscribe = {.deny = {"jobs.secret"}}}));
        RawClient& a = stage.connect(as("a"));
        RawClient& b = stage.connect(as("b"));
        stage.say(a, subscribe("jobs.*", "q", "1"));
        stage.say(b, subscribe("jobs.*", "q", "2"));
        RawClient& sender = stage.connect(as("b"));
        for (int i = 0; i < 20; ++i) {
            stage.say(sender, publish("jobs.secret"));
        }
        QCOMPARE(a.take_bytes(), std::string());
        QCOMPARE(b.take_bytes().size(), 20 * std::string("MSG jobs.secret 2 0\r\n\r\n").size());
    }

    // Nobody was sent it, so the requester hears that nobody is there.
    void what_is_kept_back_counts_as_delivered_to_nobody() {
        TableStage stage(with({.subscribe = {.deny = {"x"}}}));
        RawClient& a = stage.connect(as("a"));
        stage.say(a, "SUB * 1\r\n");
        RawClient& b = stage.connect(
            "{\"verbose\":false,\"headers\":true,\"no_responders\":true,\"user\":\"b\",\"pass\":"
            "\"b\"}");
        stage.say(b, "SUB r 1\r\n");
        QVERIFY(stage.ask(b, publish("x", "r")).find("503") != std::string::npos);
        QCOMPARE(a.take_bytes(), std::string());
    }

    void who_is_asked_may_answer() {
        TableStage stage(with({.subscribe = {.allow = {"service"}},
                               .responses = permission::ResponseRules{.max = 2}}));
        RawClient& a = stage.connect(as("a"));
        RawClient& b = stage.connect(as("b"));
        stage.say(a, "SUB service 1\r\n");
        stage.say(b, "SUB inbox 1\r\n");
        std::string const refused = "-ERR 'Permissions Violation for Publish to \"inbox\"'\r\n";
        QCOMPARE(stage.ask(a, publish("inbox")), refused);
        stage.say(b, publish("service", "inbox"));
        a.take_bytes();
        // In one piece, so that they could be taken for one run.
        QCOMPARE(stage.ask(a, concat(publish("inbox"), publish("inbox"), publish("inbox"))),
                 refused);
        std::string const answer = "MSG inbox 1 0\r\n\r\n";
        QCOMPARE(b.take_bytes(), answer + answer);
    }

    void no_auth_user_is_held_to_its_permissions_before_and_after_connect() {
        config::Options options = with({.publish = {.deny = {"x"}}});
        options.authorization.no_auth_user = std::string("a");
        TableStage stage(options);
        RawClient& early = stage.open();
        early.take_bytes();
        std::string const refused = "-ERR 'Permissions Violation for Publish to \"x\"'\r\n";
        QCOMPARE(stage.ask(early, publish("x")), refused);
        QCOMPARE(stage.ask(early, concat("CONNECT {\"verbose\":false}\r\n", publish("x"))),
                 refused);
        // Whoever says another name becomes another.
        QCOMPARE(stage.ask(early, concat("CONNECT ", as("b"), "\r\n", publish("x"))),
                 std::string());
        QCOMPARE(stage.ask(early, concat("CONNECT ", as("a"), "\r\n", publish("x"))), refused);
    }

    void every_path_keeps_to_what_the_lines_mean_data() {
        QTest::addColumn<quint64>("seed");
        for (quint64 seed = 1; seed <= 150; ++seed) {
            QTest::addRow("seed %llu", seed) << seed;
        }
    }

    // Publishing, subscribing and delivery of whole connections against the plain model.
    void every_path_keeps_to_what_the_lines_mean() {
        QFETCH(quint64, seed);
        support::RandomPermissions random(seed);
        Permissions const permissions = random.permissions();
        support::PlainPermissions const plain(permissions);
        TableStage stage(with(permissions));
        RawClient& a = stage.connect(as("a"));
        RawClient& b = stage.connect(as("b"));
        stage.say(b, "SUB > 1\r\n");
        for (int i = 0; i < 12; ++i) {
            std::string const filter = random.filter();
            std::string const queue = random.queue();
            bool const subscribes = plain.may_subscribe(filter, queue);
            QCOMPARE(stage.ask(a, subscribe(filter, queue, "s")).empty(), subscribes);
            for (int j = 0; j < 3; ++j) {
                std::string const subject = random.subject();
                bool const receives = subscribes && support::plainly_matches(filter, subject) &&
                                      plain.may_receive(filter, queue, subject);
                stage.say(b, publish(subject));
                QCOMPARE(!a.take_bytes().empty(), receives);
                b.take_bytes();
                bool const publishes = plain.may_publish(subject);
                std::string const said = stage.ask(a, publish(subject));
                QCOMPARE(said.find("-ERR") == std::string::npos, publishes);
                bool const routable = support::plainly_matches(">", subject);
                QCOMPARE(!b.take_bytes().empty(), publishes && routable);
            }
            stage.say(a, "UNSUB s\r\n");
        }
    }

    void limits_of_a_user_are_kept() {
        TableStage stage;
        stage.authenticator = std::make_unique<AdmittingAuth>(auth::Identity{.account = "$G",
                                                                             .user = "u",
                                                                             .label = "user:u",
                                                                             .max_subscriptions = 1,
                                                                             .max_payload = 10});
        stage.context->authenticator = stage.authenticator.get();
        RawClient& peer = stage.connect("{\"verbose\":false,\"protocol\":1}");
        std::string const info = stage.ask(peer, "PING\r\n");
        QVERIFY(info.find("\"max_payload\":10,") != std::string::npos);
        QCOMPARE(stage.ask(peer, "SUB a 1\r\nSUB b 2\r\n"),
                 std::string("-ERR 'maximum subscriptions exceeded'\r\n"));
        QCOMPARE(stage.ask(peer, "PUB a 11\r\n"),
                 std::string("-ERR 'Maximum Payload Violation'\r\n"));
        QVERIFY(!peer.is_open());
    }

    void who_expires_has_to_go() {
        TableStage stage;
        stage.authenticator = std::make_unique<AdmittingAuth>(
            auth::Identity{.account = "$G",
                           .user = "u",
                           .label = "user:u",
                           .expires = stage.near->clock().wall_now() + seconds(30)});
        stage.context->authenticator = stage.authenticator.get();
        RawClient& peer = stage.connect();
        stage.pass(seconds(29));
        peer.take_bytes();
        QVERIFY(peer.is_open());
        stage.pass(seconds(1));
        QCOMPARE(peer.take_bytes(), std::string("-ERR 'User Authentication Expired'\r\n"));
        QVERIFY(!peer.is_open());
        QCOMPARE(stage.last_reason(), std::string("Authentication Expired"));
    }

    // Timers run by another clock than the one a date is of.
    void who_expires_goes_when_the_calendar_jumps_there() {
        TableStage stage;
        stage.authenticator = std::make_unique<AdmittingAuth>(
            auth::Identity{.account = "$G",
                           .user = "u",
                           .label = "user:u",
                           .expires = stage.near->clock().wall_now() + base::hours(2)});
        stage.context->authenticator = stage.authenticator.get();
        RawClient& peer = stage.connect();
        peer.take_bytes();
        auto const jump = [&](Duration offset) {
            stage.near->run([&] {
                stage.near->clock().set_wall_offset(offset);
                stage.table->calendar_changed();
            });
            stage.pass(milliseconds(50));
        };
        jump(base::hours(1));
        QVERIFY(peer.is_open());
        jump(base::hours(3));
        QCOMPARE(peer.take_bytes(), std::string("-ERR 'User Authentication Expired'\r\n"));
        QVERIFY(!peer.is_open());
    }

    void limits_of_an_account_are_kept() {
        TableStage stage(
            with_account({.max_connections = 2, .max_subscriptions = 1, .max_payload = 10}));
        RawClient& first =
            stage.connect("{\"verbose\":false,\"protocol\":1,\"user\":\"x\",\"pass\":\"x\"}");
        QVERIFY(stage.ask(first, "PING\r\n").find("\"max_payload\":10,") != std::string::npos);
        QCOMPARE(stage.ask(first, "SUB a 1\r\nSUB b 2\r\n"),
                 std::string("-ERR 'maximum subscriptions exceeded'\r\n"));
        RawClient& second = stage.connect(as("x"));
        RawClient& third = stage.open();
        third.take_bytes();
        QCOMPARE(stage.ask(third, concat("CONNECT ", as("x"), "\r\nPING\r\n")),
                 std::string("-ERR 'maximum account active connections exceeded'\r\n"));
        QVERIFY(!third.is_open());
        QCOMPARE(stage.last_reason(), std::string("Maximum Account Connections Exceeded"));
        QCOMPARE(stage.observation.counters.auth_failures.get(), std::uint64_t{0});
        // The newest has to go when there may be fewer.
        stage.reload(with_account({.max_connections = 1}));
        QVERIFY(first.is_open());
        QVERIFY(!second.is_open());
        QCOMPARE(second.take_bytes(),
                 std::string("-ERR 'maximum account active connections exceeded'\r\n"));
    }

    void who_belongs_to_another_account_now_is_closed() {
        TableStage stage(with_account({}));
        RawClient& x = stage.connect(as("x"));
        RawClient& b = stage.connect(as("b"));
        config::Options moved = with({});
        moved.authorization.users.push_back({.name = "x", .password = Secret("x")});
        moved.accounts = {{.name = "A"}};
        stage.reload(moved);
        QCOMPARE(x.take_bytes(), std::string());
        QVERIFY(!x.is_open());
        QCOMPARE(stage.last_reason(), std::string("Client Closed"));
        QVERIFY(b.is_open());
    }

    void a_reload_takes_what_is_not_allowed_any_more() {
        TableStage stage(with({}));
        RawClient& a = stage.connect(as("a"));
        RawClient& b = stage.connect(as("b"));
        stage.say(a, "SUB foo.a 1\r\nSUB foo.> 2\r\nSUB bar q 3\r\nSUB bar 4\r\n");
        stage.reload(with({.publish = {.allow = {"x"}},
                           .subscribe = {.allow = {">"}, .deny = {"foo.a", "bar q"}}}));
        std::string const said = a.take_bytes();
        QVERIFY(said.find("-ERR 'Permissions Violation for Subscription to \"foo.a\" (sid "
                          "\"1\")'\r\n") != std::string::npos);
        QVERIFY(said.find("-ERR 'Permissions Violation for Subscription to \"bar\" using queue "
                          "\"q\" (sid \"3\")'\r\n") != std::string::npos);
        QCOMPARE(stage.subscription_count(), std::size_t{2});
        stage.say(b, concat(publish("foo.a"), publish("foo.b"), publish("bar")));
        QCOMPARE(a.take_bytes(), std::string("MSG foo.b 2 0\r\n\r\nMSG bar 4 0\r\n\r\n"));
        QCOMPARE(stage.ask(a, publish("y")),
                 std::string("-ERR 'Permissions Violation for Publish to \"y\"'\r\n"));
        QCOMPARE(b.take_bytes(), std::string());
        QVERIFY(b.is_open());
        stage.reload(with({}));
        QCOMPARE(stage.ask(a, publish("y")), std::string());
        QVERIFY(a.is_open());
    }

    void a_reload_that_lowers_what_a_user_may_subscribe_to_closes() {
        TableStage stage(with({}));
        RawClient& a = stage.connect(as("a"));
        stage.say(a, "SUB a 1\r\nSUB b 2\r\n");
        stage.options.limits.max_subscriptions = 1;
        stage.reload([&] {
            config::Options options = with({.publish = {.deny = {"z"}}});
            options.limits.max_subscriptions = 1;
            return options;
        }());
        QVERIFY(a.take_bytes().find("-ERR 'maximum subscriptions exceeded'") != std::string::npos);
        QVERIFY(!a.is_open());
        QCOMPARE(stage.last_reason(), std::string("Maximum Subscriptions Exceeded"));
    }
};
SIGNALBOX_TEST(PermissionTest);

}  // namespace signalbox::connection

#include "permission_test.moc"
