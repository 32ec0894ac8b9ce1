#include "engine/base/text.h"
#include "engine/sim/sim_server.h"

#include "tests/support/raw_client.h"
#include "tests/support/run_tests.h"

namespace signalbox::sim {

using config::ShareKind;
using observe::Explanation;

namespace {

config::User user(std::string name, permission::Permissions permissions = {}) {
    return {.name = std::move(name),
            .password = crypto::Secret("p"),
            .nkey = {},
            .permissions = std::move(permissions)};
}

/// SHOP exports a service and a stream to WEB, and renames subjects.
config::Options two_accounts() {
    config::Options options;
    config::AccountOptions shop{.name = "SHOP"};
    shop.users = {user("shop", {.publish = {.allow = {}, .deny = {"secret.>"}},
                                .subscribe = {.allow = {}, .deny = {"hush"}}})};
    shop.exports = {{.kind = ShareKind::Service, .subject = "svc.*"},
                    {.kind = ShareKind::Stream, .subject = "s.*"}};
    shop.mappings = {
        {.source = "svc.old", .destinations = {{.subject = "svc.new"}}},
        {.source = "w",
         .destinations = {{.subject = "w1", .weight = 30}, {.subject = "w", .weight = 20}}}};
    config::AccountOptions web{.name = "WEB"};
    web.users = {user("web")};
    web.imports = {
        {.kind = ShareKind::Service, .account = "SHOP", .subject = "svc.*", .to = "ask.*"},
        {.kind = ShareKind::Stream, .account = "SHOP", .subject = "s.*", .prefix = "p"}};
    options.accounts = {shop, web};
    return options;
}

class Stage {
public:
    Stage() {
        universe_.exchange().add_machine("server", "10.0.0.1");
        universe_.exchange().add_machine("far", "10.0.0.2");
        server_.emplace(universe_, log_, "server", two_accounts());
        far_.emplace(universe_.simulation(), universe_.exchange(), "far");
        server_->start();
        pass();
    }
    ~Stage() { clients_.clear(); }

    Stage(Stage const&) = delete;
    Stage& operator=(Stage const&) = delete;

    void client(std::string const& name, std::string const& lines) {
        clients_.push_back(std::make_unique<support::RawClient>());
        far_->run([&] { clients_.back()->connect(*far_, "10.0.0.1", 4222); });
        pass();
        far_->run([&] {
            clients_.back()->send(concat("CONNECT {\"verbose\":false,\"name\":\"", name,
                                         "\",\"user\":\"", name, "\",\"pass\":\"p\"}\r\n", lines));
        });
        pass();
    }

    Explanation explain(std::string account, std::string subject, std::string who = {}) {
        return server_->server().explain({.account = std::move(account),
                                          .subject = std::move(subject),
                                          .cid = 0,
                                          .user = std::move(who)});
    }

private:
    void pass() { universe_.simulation().run_for(base::seconds(1)); }

    Universe universe_{1};
    RunLog log_{universe_.simulation()};
    std::optional<SimServer> server_;
    std::optional<SimWorld> far_;
    std::vector<std::unique_ptr<support::RawClient>> clients_;
};

}  // namespace

/// Who would get a message, and what stands in the way.
class ExplainTest : public QObject {
    Q_OBJECT

private slots:
    // Whose filter is nearly the subject is named when nobody gets it.
    void near_misses_are_named_data() {
        QTest::addColumn<QByteArray>("account");
        QTest::addColumn<QByteArray>("subject");
        QTest::addColumn<QByteArray>("hint");
        QTest::newRow("case") << QByteArray("SHOP") << QByteArray("Orders.New")
                              << QByteArray(
                                     "client \"shop\" listens on \"orders.new\", which "
                                     "differs in the case of its letters alone");
        QTest::newRow("one token") << QByteArray("SHOP") << QByteArray("orders.neu")
                                   << QByteArray(
                                          "client \"shop\" listens on \"orders.new\", "
                                          "which has \"new\" where this has \"neu\"");
        QTest::newRow("too deep") << QByteArray("SHOP") << QByteArray("orders.new.now")
                                  << QByteArray(
                                         "client \"shop\" listens on \"orders.new\", "
                                         "which ends before \"now\"");
        QTest::newRow("not deep enough")
            << QByteArray("SHOP") << QByteArray("stock.x")
            << QByteArray(
                   "client \"shop\" listens on \"stock.*.low\", which wants one token "
                   "more, \"low\"");
        QTest::newRow("another account")
            << QByteArray("WEB") << QByteArray("orders.new")
            << QByteArray(
                   "client \"shop\" listens on \"orders.new\" in SHOP, to which no "
                   "import leads");
        QTest::newRow("not imported") << QByteArray("$G") << QByteArray("svc.x")
                                      << QByteArray(
                                             "the service \"svc.*\" of SHOP is not "
                                             "imported");
    }
    void near_misses_are_named() {
        QFETCH(QByteArray, account);
        QFETCH(QByteArray, subject);
        QFETCH(QByteArray, hint);
        Stage stage;
        stage.client("shop", "SUB orders.new 1\r\nSUB stock.*.low 2\r\nSUB other 3\r\n");
        Explanation const out = stage.explain(account.toStdString(), subject.toStdString());
        QVERIFY(out.ways[0].receivers.empty());
        QCOMPARE(out.ways[0].hints, std::vector<std::string>{hint.toStdString()});
    }

    void who_listens_in_groups_alone_is_said() {
        Stage stage;
        stage.client("shop", "SUB jobs workers 1\r\n");
        Explanation const out = stage.explain("SHOP", "jobs");
        QCOMPARE(out.ways[0].receivers.size(), std::size_t{1});
        QCOMPARE(out.ways[0].hints.size(), std::size_t{1});
        QVERIFY(stage.explain("SHOP", "nothing.at.all").ways[0].hints.empty());
    }

    void receivers_are_named_with_their_groups_and_permissions() {
        Stage stage;
        stage.client("shop", "SUB a.* 1\r\nSUB a.b q 2\r\nSUB a.b q 3\r\nSUB * 4\r\n");
        Explanation const out = stage.explain("SHOP", "a.b");
        QCOMPARE(out.ways.size(), std::size_t{1});
        auto const& receivers = out.ways[0].receivers;
        QCOMPARE(receivers.size(), std::size_t{3});
        QCOMPARE(receivers[0].filter, std::string("a.*"));
        QCOMPARE(receivers[0].name, std::string("shop"));
        QVERIFY(receivers[0].cid != 0 && receivers[0].hears.allowed);
        QCOMPARE(receivers[1].queue, std::string("q"));
        QCOMPARE(receivers[1].group_size, 2U);

        Explanation const hushed = stage.explain("SHOP", "hush");
        QVERIFY(!hushed.ways[0].receivers[0].hears.allowed);
        QVERIFY(hushed.ways[0].receivers[0].hears.line.find("hush") != std::string::npos);
    }

    void what_a_user_may_not_publish_names_the_line() {
        Stage stage;
        Explanation const out = stage.explain("SHOP", "secret.x", "shop");
        QVERIFY(!out.ways[0].publish.allowed);
        QVERIFY(out.ways[0].obstacles[0].find("secret.>") != std::string::npos);
        QVERIFY(stage.explain("SHOP", "open", "shop").ways[0].publish.allowed);
        QVERIFY(stage.explain("SHOP", "secret.x").ways[0].publish.allowed);
        QCOMPARE(stage.explain("SHOP", "x", "nobody").obstacles.size(), std::size_t{1});
        QCOMPARE(stage.explain("NONE", "x").obstacles.size(), std::size_t{1});
        QCOMPARE(stage.explain("SHOP", "").obstacles.size(), std::size_t{1});
    }

    void imports_and_mappings_on_the_way_are_told() {
        Stage stage;
        stage.client("shop", "SUB svc.new 1\r\n");
        stage.client("web", "SUB p.s.1 2\r\n");
        Explanation const service = stage.explain("WEB", "ask.old");
        QCOMPARE(service.ways[0].receivers.size(), std::size_t{1});
        QCOMPARE(service.ways[0].receivers[0].account, std::string("SHOP"));
        QCOMPARE(service.ways[0].receivers[0].subject, std::string("svc.new"));
        QCOMPARE(service.ways[0].receivers[0].through.size(), std::size_t{2});

        Explanation const stream = stage.explain("SHOP", "s.1");
        QCOMPARE(stream.ways[0].receivers.size(), std::size_t{1});
        QCOMPARE(stream.ways[0].receivers[0].account, std::string("WEB"));
        QCOMPARE(stream.ways[0].receivers[0].subject, std::string("p.s.1"));

        Explanation const nobody = stage.explain("WEB", "ask.else");
        QVERIFY(nobody.ways[0].receivers.empty());
        QCOMPARE(nobody.ways[0].obstacles.size(), std::size_t{1});
    }

    void the_ways_of_a_mapping_share_the_messages() {
        Stage stage;
        Explanation const out = stage.explain("SHOP", "w");
        QCOMPARE(out.ways.size(), std::size_t{3});
        int total = 0;
        for (observe::ExplainedWay const& way : out.ways) {
            total += way.percent;
            QVERIFY(!way.obstacles.empty());
        }
        QCOMPARE(total, 100);
        QCOMPARE(out.ways[2].subject, std::string());
        QCOMPARE(out.ways[2].percent, 50);
    }
};
SIGNALBOX_TEST(ExplainTest);

}  // namespace signalbox::sim

#include "explain_test.moc"
