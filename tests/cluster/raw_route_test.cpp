#include "tests/cluster/route_stage.h"
#include "tests/support/run_tests.h"

namespace signalbox::cluster {

namespace {

/// One server, and somebody at its port for servers who says what he likes.
class RawStage {
public:
    explicit RawStage(RouteStage::Tweak const& tweak = {})
        : stage_(1, sim::Routes::All, [&](std::size_t place, config::Options& options) {
              options.cluster.listen = {"10.0.0.1", 6222};
              if (tweak) {
                  tweak(place, options);
              }
          }) {}

    bool start() { return stage_.cluster().start() && dial(); }

    bool dial() {
        worlds_.push_back(stage_.cluster().add_process(concat("raw-", worlds_.size())));
        peers_.push_back(std::make_unique<support::RawClient>());
        worlds_.back()->run([&] { peers_.back()->connect(*worlds_.back(), "10.0.0.1", 6222); });
        stage_.settle();
        return peers_.back()->is_open();
    }

    /// What comes back to it.
    std::string say(std::string const& bytes, std::size_t which = 0) {
        worlds_[which]->run([&] { peers_[which]->send(bytes); });
        stage_.settle();
        return peers_[which]->take_bytes();
    }

    support::RawClient& peer(std::size_t which = 0) { return *peers_[which]; }
    RouteStage& stage() { return stage_; }
    RouteTable const& routes() { return stage_.routes(0); }

    ~RawStage() {
        for (std::size_t i = 0; i < peers_.size(); ++i) {
            worlds_[i]->run([&] { peers_[i].reset(); });
        }
    }

private:
    RouteStage stage_;
    std::vector<std::unique_ptr<sim::SimWorld>> worlds_;
    std::vector<std::unique_ptr<support::RawClient>> peers_;
};

std::string hello(std::string const& more = {}) {
    return concat(
        "CONNECT {\"echo\":true,\"name\":\"NPEER\",\"cluster\":\"sim\",\"headers\":true,"
        "\"lnoc\":true",
        more, "}\r\n");
}

std::string info(std::string const& more = {}, std::string const& id = "NPEER",
                 std::string const& name = "peer") {
    return concat("INFO {\"server_id\":\"", id, "\",\"server_name\":\"", name,
                  "\",\"version\":\"2.9.10\",\"proto\":2,\"host\":\"10.1.0.1\",\"port\":6222,"
                  "\"headers\":true,\"cluster\":\"sim\",\"lnoc\":true",
                  more, "}\r\n");
}

}  // namespace

class RawRouteTest : public QObject {
    Q_OBJECT

private slots:
    // A server of 2.9: one connection for everything.
    void a_server_of_old_is_understood() {
        RawStage raw;
        QVERIFY(raw.start());
        QVERIFY(raw.peer().bytes().starts_with("INFO {"));
        QVERIFY(has(raw.peer().bytes(), "\"route_pool_size\":3"));
        raw.say(hello() + info());
        QCOMPARE(raw.routes().servers().size(), 1U);
        Ear& ear = raw.stage().ear(0);
        Ear& second = raw.stage().ear(0);
        ear.listen("foo.*");
        ear.listen("foo.bar", "q1");
        second.listen("foo.bar", "q1");
        second.listen("foo.bar", "q2");
        raw.stage().settle();
        QCOMPARE(raw.say(""), std::string("RS+ $G foo.*\r\nRS+ $G foo.bar q1 1\r\n"
                                          "RS+ $G foo.bar q1 2\r\nRS+ $G foo.bar q2 1\r\n"));
        raw.say(
            "RMSG $G foo.bar | q1 5\r\nhello\r\nRMSG $G foo.zzz rep.ly 2\r\nhi\r\n"
            "HMSG $G foo.bar + r q2 12 14\r\nNATS/1.0\r\n\r\nhi\r\nRMSG $G foo.bar 1\r\nx\r\n");
        std::vector<std::string> all = ear.heard;
        all.insert(all.end(), second.heard.begin(), second.heard.end());
        // Four for the plain one; one member of each group that was named.
        QCOMPARE(all.size(), 6U);
        ear.forget("foo.bar");
        raw.stage().settle();
        QCOMPARE(raw.say(""), std::string("RS+ $G foo.bar q1 1\r\n"));
        second.forget("foo.bar");
        ear.forget("foo.*");
        raw.stage().settle();
        QVERIFY(has(raw.say(""), "RS- $G foo.*\r\n"));
    }

    void messages_go_out_as_they_have_to() {
        RawStage raw;
        QVERIFY(raw.start());
        raw.say(hello() + info());
        raw.say("RS+ $G foo.*\r\nRS+ $G foo.bar q1 2\r\nRS+ $G foo.bar q2 1\r\n");
        Ear& ear = raw.stage().ear(0);
        ear.say("foo.zzz", "hi");
        ear.say("foo.zzz", "hello", "NATS/1.0\r\nBar: Baz\r\n\r\n");
        raw.stage().settle();
        QCOMPARE(raw.say(""), std::string("RMSG $G foo.zzz 2\r\nhi\r\n"
                                          "HMSG $G foo.zzz 22 27\r\n"
                                          "NATS/1.0\r\nBar: Baz\r\n\r\nhello\r\n"));
        ear.say("foo.bar", "hello");
        raw.stage().settle();
        std::string const queues = raw.say("");
        QVERIFY2(queues == "RMSG $G foo.bar | q1 q2 5\r\nhello\r\n" ||
                     queues == "RMSG $G foo.bar | q2 q1 5\r\nhello\r\n",
                 queues.c_str());
        raw.say("RS- $G foo.*\r\nRS- $G foo.bar q1\r\nRS- $G foo.bar q2\r\n");
        ear.say("foo.bar", "nobody");
        raw.stage().settle();
        QCOMPARE(raw.say(""), std::string());
    }

    void what_a_consumer_delivers_is_shown_by_its_own_subject() {
        RawStage raw;
        QVERIFY(raw.start());
        raw.say(hello() + info());
        Ear& ear = raw.stage().ear(0);
        ear.listen("mine");
        raw.stage().settle();
        raw.say("RMSG $G mine $JS.ACK.S.C.1.2.3.4.5.6@orig.subj 1\r\nx\r\n");
        QCOMPARE(ear.heard, std::vector<std::string>{"orig.subj x"});
    }

    void interest_of_leaf_nodes_behind_it_is_told_apart() {
        RawStage raw;
        QVERIFY(raw.start());
        raw.say(hello() + info());
        Ear& ear = raw.stage().ear(0);
        raw.say("LS+ LC $G foo\r\nRS+ $G foo\r\n");
        ear.say("foo", "1");
        raw.stage().settle();
        QCOMPARE(raw.say(""), std::string("RMSG $G foo 1\r\n1\r\n"));
        raw.say("RS- $G foo\r\n");
        ear.say("foo", "2");
        raw.stage().settle();
        QCOMPARE(raw.say(""), std::string("RMSG $G foo 1\r\n2\r\n"));
        raw.say("LS-  $G foo\r\n");
        ear.say("foo", "3");
        raw.stage().settle();
        QCOMPARE(raw.say(""), std::string());
    }

    void who_does_not_keep_to_it_is_closed_data() {
        QTest::addColumn<QString>("first");
        QTest::addColumn<QString>("error");
        auto const row = [](char const* name, std::string const& first, char const* error) {
            QTest::newRow(name) << QString::fromStdString(first) << error;
        };
        row("nothing before CONNECT", "PING\r\n", "");
        row("interest before CONNECT", "RS+ $G foo\r\n", "Authorization Violation");
        row("INFO before CONNECT", info(), "Authorization Violation");
        row("a client", "CONNECT {\"lang\":\"go\",\"name\":\"x\"}\r\n",
            "attempted to connect to route port");
        row("a gateway", hello(",\"gateway\":\"G\""),
            "Rejecting connection from gateway \"G\" on the Route port");
        row("no JSON", "CONNECT {x\r\n", "Unknown Protocol Operation");
        row("another type", "CONNECT {\"name\":1}\r\n", "Unknown Protocol Operation");
        row("another cluster", "CONNECT {\"name\":\"N\",\"cluster\":\"other\"}\r\n",
            "Rejecting connection, cluster name \"other\" does not match \"sim\"");
        row("CONNECT twice", hello() + hello(), "Unknown Protocol Operation");
        row("no verb", hello() + "HELLO\r\n", "Unknown Protocol Operation");
        row("a client's verb", hello() + info() + "PUB x 1\r\n1\r\n", "Unknown Protocol Operation");
        row("queue without weight", hello() + info() + "RS+ $G foo q\r\n",
            "Unknown Protocol Operation");
        row("a line too long", hello() + "RS+ $G " + std::string(70'000, 'x') + "\r\n",
            "maximum control line exceeded");
        row("too large", hello() + info() + "RMSG $G foo 900000000\r\n",
            "Maximum Payload Violation");
        row("index", hello() + info(",\"route_pool_size\":3,\"route_pool_idx\":5"),
            "Invalid route pool index: 5 - pool size is 3");
        row("negative index", hello() + info(",\"route_pool_size\":-3,\"route_pool_idx\":-5"), "");
        row("account", hello() + info(",\"route_pool_size\":3,\"route_account\":\"X\""),
            "No route for account \"X\"");
        row("compression", hello() + info(",\"compression\":\"zip\""),
            "unsupported route compression mode \"zip\"");
        row("no id", hello() + info({}, ""), "Unknown Protocol Operation");
        row("INFO that is none", hello() + "INFO []\r\n", "Unknown Protocol Operation");
    }
    void who_does_not_keep_to_it_is_closed() {
        QFETCH(QString, first);
        QFETCH(QString, error);
        RawStage raw;
        QVERIFY(raw.start());
        raw.peer().take_bytes();
        std::string const answer = raw.say(first.toStdString());
        if (error.isEmpty()) {
            // It is let go on, and has no effect but its own.
            return;
        }
        QVERIFY2(has(answer, concat("-ERR '", error.toStdString(), "'")), answer.c_str());
        raw.stage().settle();
        QVERIFY(!raw.peer().is_open());
        QVERIFY(raw.routes().servers().empty());
        QVERIFY(raw.routes().connections().empty());
        Ear& ear = raw.stage().ear(0);
        ear.say("foo", "still here");
    }

    // A server of 2.9 says CONNECT and INFO in one breath.
    void what_follows_a_password_is_not_lost() {
        RawStage raw([](std::size_t, config::Options& options) {
            options.cluster.login.user = "route";
            options.cluster.login.password = crypto::Secret("secret");
        });
        QVERIFY(raw.start());
        std::string const login = hello(",\"user\":\"route\",\"pass\":\"secret\"");
        raw.say(login + info() + "RS+ $G foo\r\nPING\r\n");
        QCOMPARE(raw.routes().servers().size(), 1U);
        raw.stage().ear(0).say("foo", "1");
        raw.stage().settle();
        QVERIFY(has(raw.say(""), "RMSG $G foo 1\r\n1\r\n"));
        QVERIFY(raw.dial());
        QVERIFY(
            has(raw.say(hello(",\"user\":\"route\",\"pass\":\"other\"") + info({}, "NB", "b"), 1),
                "-ERR 'Authorization Violation'"));
        QCOMPARE(raw.routes().servers().size(), 1U);
    }

    void who_says_nothing_is_closed() {
        RawStage raw;
        QVERIFY(raw.start());
        raw.stage().simulation().run_for(base::seconds(3));
        QVERIFY(has(raw.peer().bytes(), "-ERR 'Authentication Timeout'"));
        QVERIFY(!raw.peer().is_open());
    }

    void nobody_takes_the_place_of_another() {
        RawStage raw;
        QVERIFY(raw.start());
        raw.say(hello() + info());
        raw.say("RS+ $G foo\r\n");
        // The same id, another one's name, this server itself.
        std::string const self = raw.stage().cluster().server(0).server().identity().id;
        std::size_t which = 0;
        for (std::string const& claim :
             {info(), info({}, "NOTHER"), info({}, self), info({}, "NOTHER", "server-0")}) {
            ++which;
            QVERIFY(raw.dial());
            raw.say(hello() + claim, which);
            raw.stage().settle();
            QVERIFY(!raw.peer(which).is_open());
            QCOMPARE(raw.routes().servers().size(), 1U);
            QVERIFY(raw.peer(0).is_open());
        }
        Ear& ear = raw.stage().ear(0);
        ear.say("foo", "1");
        raw.stage().settle();
        QCOMPARE(raw.say(""), std::string("RMSG $G foo 1\r\n1\r\n"));
    }

    // Who reads nothing is closed, and those who publish are not held up for ever.
    void a_server_that_does_not_read_is_closed() {
        RawStage raw([](std::size_t, config::Options& options) {
            options.limits.max_pending = 200'000;
            options.limits.max_payload = 100'000;
        });
        QVERIFY(raw.start());
        raw.say(hello() + info());
        raw.say("RS+ $G foo\r\n");
        raw.peer().pause();
        Ear& ear = raw.stage().ear(0);
        std::string const large(50'000, 'x');
        for (int i = 0; i < 40; ++i) {
            ear.say("foo", large);
            raw.stage().settle();
        }
        QVERIFY(raw.routes().servers().empty());
    }

    // A few bytes stand for megabytes: before somebody is known he gets no memory.
    void compressed_greetings_are_small() {
        RawStage raw([](std::size_t, config::Options& options) {
            options.cluster.compression.mode = config::CompressionMode::Fast;
        });
        QVERIFY(raw.start());
        raw.say(hello() + info(",\"compression\":\"s2_fast\""));
        std::string bomb;
        compress::append_s2_stream(bomb, std::string(1'000'000, ' '), compress::S2Level::Best);
        QVERIFY(bomb.size() < 100'000);
        raw.say(bomb);
        raw.stage().settle();
        QVERIFY(!raw.peer().is_open());
    }
};

SIGNALBOX_TEST(RawRouteTest);

}  // namespace signalbox::cluster

#include "raw_route_test.moc"
