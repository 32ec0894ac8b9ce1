#include "tests/cluster/route_stage.h"
#include "tests/support/run_tests.h"

#include <set>

namespace signalbox::cluster {

using sim::Routes;

class RouteTest : public QObject {
    Q_OBJECT

private slots:
    void one_that_is_known_leads_to_all() {
        RouteStage stage(5);
        QVERIFY2(stage.start(), stage.log().c_str());
        for (std::size_t place = 0; place < 5; ++place) {
            QCOMPARE(stage.routes(place).servers().size(), 4U);
            // Three for all accounts, one for the system account alone.
            for (auto const& [id, server] : stage.routes(place).servers()) {
                QCOMPARE(server.pool.size(), 3U);
                QCOMPARE(server.pinned.size(), 1U);
            }
        }
    }

    // Both sides dial at once, and one connection for each place stays.
    void who_dials_each_other_meets_once() {
        RouteStage stage(4, Routes::All);
        QVERIFY2(stage.start(), stage.log().c_str());
        stage.simulation().run_for(base::seconds(5));
        QVERIFY(stage.cluster().is_meshed());
        for (std::size_t place = 0; place < 4; ++place) {
            QCOMPARE(stage.routes(place).connections().size(), 12U);
        }
    }

    void a_message_reaches_each_subscription_once() {
        RouteStage stage(3);
        QVERIFY(stage.start());
        Ear& here = stage.ear(0);
        Ear& there = stage.ear(1);
        Ear& far = stage.ear(2);
        here.listen("a.*");
        there.listen("a.b");
        there.listen("a.>");
        far.listen("a.b");
        stage.settle();
        here.say("a.b", "one");
        stage.settle();
        QCOMPARE(here.heard, std::vector<std::string>{"a.b one"});
        QCOMPARE(there.heard, (std::vector<std::string>{"a.b one", "a.b one"}));
        QCOMPARE(far.heard, std::vector<std::string>{"a.b one"});
        there.forget("a.b");
        far.forget("a.b");
        stage.settle();
        here.say("a.b", "two");
        stage.settle();
        QCOMPARE(there.heard.size(), 3U);
        QCOMPARE(far.heard.size(), 1U);
    }

    void interest_is_told_once_and_taken_back_with_the_last() {
        RouteStage stage(2);
        QVERIFY(stage.start());
        Ear& a = stage.ear(0);
        Ear& b = stage.ear(0);
        auto const known = [&] {
            std::size_t count = 0;
            for (auto const& [rid, connection] : stage.routes(1).connections()) {
                connection->for_each_recipient([&](RouteRecipient const& recipient) {
                    recipient.for_each([&](message::Subscription const& subscription) {
                        count += subscription.filter == "x.y" ? 1 : 0;
                    });
                });
            }
            return count;
        };
        a.listen("x.y");
        b.listen("x.y");
        b.listen("x.y", "group");
        stage.settle();
        QCOMPARE(known(), 2U);
        a.forget("x.y");
        stage.settle();
        QCOMPARE(known(), 2U);
        b.client();
        stage.cluster().clients()[1]->close();
        stage.settle();
        QCOMPARE(known(), 0U);
    }

    void a_queue_group_is_served_once_and_in_fair_shares() {
        RouteStage stage(3);
        QVERIFY(stage.start());
        Ear& here = stage.ear(0);
        std::vector<Ear*> members;
        for (std::size_t place : {0U, 1U, 1U, 2U}) {
            members.push_back(&stage.ear(place));
            members.back()->listen("work", "workers");
        }
        Ear& plain = stage.ear(1);
        plain.listen("work");
        stage.settle();
        constexpr std::size_t kMessages = 2'000;
        for (std::size_t i = 0; i < kMessages; ++i) {
            here.say("work", std::to_string(i));
        }
        stage.settle();
        std::set<std::string> seen;
        std::size_t count = 0;
        for (Ear* const member : members) {
            count += member->heard.size();
            seen.insert(member->heard.begin(), member->heard.end());
            // A quarter each, for a server with two of them counts twice.
            QVERIFY(member->heard.size() > kMessages / 5);
            QVERIFY(member->heard.size() < kMessages * 3 / 10);
        }
        QCOMPARE(count, kMessages);
        QCOMPARE(seen.size(), kMessages);
        QCOMPARE(plain.heard.size(), kMessages);
    }

    void requests_are_answered_over_servers() {
        RouteStage stage(3);
        QVERIFY(stage.start());
        Ear& asker = stage.ear(0);
        Ear& service = stage.ear(2);
        service.answer("help", "q", "here you are");
        stage.settle();
        asker.ask("help", "please");
        stage.settle();
        QCOMPARE(asker.answers, std::vector<std::string>{"here you are"});
        asker.ask("nobody.there", "please");
        stage.settle();
        QCOMPARE(asker.answers.back(), std::string("nobody"));
    }

    void large_messages_and_headers_pass() {
        RouteStage stage(2);
        QVERIFY(stage.start());
        Ear& here = stage.ear(0);
        Ear& there = stage.ear(1);
        there.listen("big");
        there.listen("big.q", "q");
        stage.settle();
        std::string const large(300'000, 'x');
        here.say("big", large);
        here.say("big", "small", "NATS/1.0\r\nA: b\r\n\r\n");
        here.say("big.q", large, "NATS/1.0\r\nA: b\r\n\r\n");
        stage.simulation().run_for(base::seconds(1));
        QCOMPARE(there.heard.size(), 3U);
        QCOMPARE(there.heard[0], "big " + large);
        QCOMPARE(there.heard[1], std::string("big small"));
        QCOMPARE(there.heard[2], "big.q " + large);
    }

    // What came over a route goes to no other server, although it listens.
    void a_message_goes_over_one_route() {
        RouteStage stage(3, Routes::First);
        QVERIFY(stage.start());
        Ear& here = stage.ear(1);
        Ear& far = stage.ear(2);
        far.listen("x");
        stage.settle();
        std::string const a = stage.cluster().server(1).machine();
        std::string const b = stage.cluster().server(2).machine();
        stage.cluster().fabric().block(a, b);
        here.say("x", "lost");
        stage.settle();
        QVERIFY(far.heard.empty());
    }

    void the_same_name_is_needed() {
        RouteStage stage(2, Routes::First, [](std::size_t place, config::Options& options) {
            options.cluster.name = place == 0 ? "one" : "two";
        });
        QVERIFY(stage.cluster().start());
        stage.simulation().run_for(base::seconds(3));
        QVERIFY(stage.routes(0).servers().empty());
        QVERIFY(stage.routes(1).servers().empty());
    }

    void a_made_up_name_gives_way() {
        RouteStage stage(4, Routes::First, [](std::size_t place, config::Options& options) {
            options.cluster.name = place == 2 ? "named" : "";
        });
        QVERIFY2(stage.start(), stage.log().c_str());
        for (std::size_t place = 0; place < 4; ++place) {
            QCOMPARE(stage.routes(place).cluster_name(), std::string("named"));
        }
    }

    void of_made_up_names_one_stays() {
        RouteStage stage(5, Routes::First,
                         [](std::size_t, config::Options& options) { options.cluster.name = ""; });
        QVERIFY2(stage.start(), stage.log().c_str());
        for (std::size_t place = 1; place < 5; ++place) {
            QCOMPARE(stage.routes(place).cluster_name(), stage.routes(0).cluster_name());
        }
    }

    void a_server_that_comes_back_is_met_again() {
        RouteStage stage(3, Routes::First);
        QVERIFY(stage.start());
        Ear& here = stage.ear(1);
        here.listen("x");
        stage.cluster().server(0).kill();
        stage.simulation().run_for(base::seconds(2));
        QCOMPARE(stage.routes(1).servers().size(), 1U);
        stage.cluster().server(0).start();
        QVERIFY(stage.simulation().run_until(
            [&] { return stage.cluster().server(0).ready() && stage.cluster().is_meshed(); },
            base::seconds(10)));
        stage.settle();
        Ear& back = stage.ear(0);
        back.say("x", "again");
        stage.settle();
        QCOMPARE(base::join(here.heard, ", "), std::string("x again"));
    }

    // Nobody says that it is gone: it is found by asking.
    void a_silent_server_is_given_up() {
        RouteStage stage(2, Routes::First, [](std::size_t, config::Options& options) {
            options.cluster.times.ping_interval = base::seconds(1);
        });
        QVERIFY(stage.start());
        stage.cluster().server(0).cut_power();
        stage.simulation().run_for(base::seconds(6));
        QVERIFY(stage.routes(1).servers().empty());
    }

    void pools_of_all_sizes_meet_data() {
        QTest::addColumn<int>("first");
        QTest::addColumn<int>("second");
        for (int first : {-1, 1, 2, 3, 5}) {
            for (int second : {-1, 1, 3}) {
                QTest::addRow("%d and %d", first, second) << first << second;
            }
        }
    }
    void pools_of_all_sizes_meet() {
        QFETCH(int, first);
        QFETCH(int, second);
        RouteStage stage(2, Routes::First, [&](std::size_t place, config::Options& options) {
            options.cluster.pool_size = place == 0 ? first : second;
            options.accounts = {{.name = "A"}, {.name = "B"}};
            if (first > 0 && second > 0) {
                options.cluster.accounts = {"B"};
            }
        });
        QVERIFY2(stage.start(), stage.log().c_str());
        stage.simulation().run_for(base::seconds(1));
        bool const pooled = first > 0 && second > 0;
        auto const& server = stage.routes(0).servers().begin()->second;
        QCOMPARE(server.pool.size(),
                 static_cast<std::size_t>(pooled ? std::max(first, second) : 1));
        QCOMPARE(server.pinned.size(), pooled ? 2U : 0U);
        Ear& here = stage.ear(0);
        Ear& there = stage.ear(1);
        here.listen("x");
        there.listen("y", "q");
        stage.settle();
        here.say("y", "1");
        there.say("x", "2");
        stage.settle();
        QCOMPARE(here.heard, std::vector<std::string>{"x 2"});
        QCOMPARE(there.heard, std::vector<std::string>{"y 1"});
    }

    void compression_is_agreed_on_data() {
        QTest::addColumn<int>("first");
        QTest::addColumn<int>("second");
        QTest::addColumn<QString>("found");
        using M = config::CompressionMode;
        auto const row = [](M first, M second, char const* found) {
            QTest::addRow("%s and %s", std::string(config::name_of(first)).c_str(),
                          std::string(config::name_of(second)).c_str())
                << static_cast<int>(first) << static_cast<int>(second) << found;
        };
        row(M::Accept, M::Accept, "off");
        row(M::Off, M::Best, "off");
        row(M::NotSupported, M::Fast, "not supported");
        row(M::Accept, M::Fast, "s2_fast");
        row(M::Fast, M::Accept, "s2_fast");
        row(M::Better, M::Best, "s2_better");
        row(M::Best, M::Accept, "s2_best");
        row(M::Auto, M::Accept, "s2_uncompressed");
        row(M::Auto, M::Auto, "s2_uncompressed");
    }
    void compression_is_agreed_on() {
        QFETCH(int, first);
        QFETCH(int, second);
        QFETCH(QString, found);
        RouteStage stage(2, Routes::First, [&](std::size_t place, config::Options& options) {
            options.cluster.compression.mode =
                static_cast<config::CompressionMode>(place == 0 ? first : second);
        });
        QVERIFY2(stage.start(), stage.log().c_str());
        auto const& server = stage.routes(0).servers().begin()->second;
        QCOMPARE(QString::fromStdString(std::string(server.any()->compression())), found);
        Ear& here = stage.ear(0);
        Ear& there = stage.ear(1);
        there.listen("x");
        stage.settle();
        std::string const large(100'000, 'x');
        for (int i = 0; i < 20; ++i) {
            here.say("x", i % 2 == 0 ? large : std::to_string(i));
        }
        stage.simulation().run_for(base::seconds(1));
        QCOMPARE(there.heard.size(), 20U);
        QCOMPARE(there.heard[18], "x " + large);
    }

    void only_those_who_know_the_password_come_in() {
        auto const login = [](std::size_t place, config::Options& options) {
            options.cluster.login.user = "route";
            options.cluster.login.password = crypto::Secret("secret");
            for (config::ServerUrl& url : options.cluster.routes) {
                url.user = "route";
                url.password = crypto::Secret(place == 2 ? "wrong" : "secret");
            }
        };
        RouteStage stage(3, Routes::First, login);
        QVERIFY(stage.cluster().start());
        stage.simulation().run_for(base::seconds(5));
        QCOMPARE(stage.routes(0).servers().size(), 1U);
        QCOMPARE(stage.routes(2).servers().size(), 0U);
    }

    void only_what_may_pass_passes() {
        RouteStage stage(2, Routes::First, [](std::size_t place, config::Options& options) {
            if (place == 0) {
                options.cluster.exports = permission::SubjectRules{.deny = {"secret.>"}};
                options.cluster.imports = permission::SubjectRules{.allow = {"in.>", "_INBOX.>"}};
            }
        });
        QVERIFY(stage.start());
        Ear& here = stage.ear(0);
        Ear& there = stage.ear(1);
        here.listen("in.x");
        here.listen("other");
        there.listen(">");
        there.listen("secret.x");
        stage.settle();
        here.say("secret.x", "hidden");
        here.say("open", "seen");
        there.say("in.x", "taken");
        there.say("other", "refused");
        stage.settle();
        QCOMPARE(here.heard, std::vector<std::string>{"in.x taken"});
        std::erase_if(there.heard, [](auto const& each) { return !each.starts_with("open"); });
        QCOMPARE(there.heard, std::vector<std::string>{"open seen"});
    }

    void clients_are_told_of_all_servers() {
        RouteStage stage(3);
        QVERIFY(stage.start());
        Ear& here = stage.ear(1);
        stage.settle();
        for (char const* const url : {"10.0.0.1:4222", "10.0.0.2:4222", "10.0.0.3:4222"}) {
            QVERIFY(has(here.client().server_info(), url));
        }
        stage.cluster().server(2).kill();
        stage.simulation().run_for(base::seconds(1));
        QVERIFY(!has(here.client().server_info(), "10.0.0.3:4222"));
    }

    void accounts_are_apart_and_share_over_servers() {
        RouteStage stage(2, Routes::First, [](std::size_t, config::Options& options) {
            config::AccountOptions exporter{.name = "EXP"};
            exporter.users = {{.name = "e", .password = crypto::Secret("e")}};
            exporter.exports = {{.kind = config::ShareKind::Stream, .subject = "news.>"},
                                {.kind = config::ShareKind::Service, .subject = "help"}};
            config::AccountOptions importer{.name = "IMP"};
            importer.users = {{.name = "i", .password = crypto::Secret("i")}};
            importer.imports = {
                {.kind = config::ShareKind::Stream, .account = "EXP", .subject = "news.>"},
                {.kind = config::ShareKind::Service, .account = "EXP", .subject = "help"}};
            options.accounts = {exporter, importer};
        });
        QVERIFY2(stage.start(), stage.log().c_str());
        auto const one = stage.cluster().add_process("raw-1");
        auto const two = stage.cluster().add_process("raw-2");
        support::RawClient importer;
        support::RawClient exporter;
        one->run([&] { importer.connect(*one, "10.0.0.1", 4222); });
        two->run([&] { exporter.connect(*two, "10.0.0.2", 4222); });
        stage.settle();
        one->run([&] {
            importer.send(
                "CONNECT {\"user\":\"i\",\"pass\":\"i\",\"verbose\":false}\r\n"
                "SUB news.* 1\r\nSUB inbox 2\r\nPING\r\n");
        });
        two->run([&] {
            exporter.send(
                "CONNECT {\"user\":\"e\",\"pass\":\"e\",\"verbose\":false}\r\n"
                "SUB help 1\r\nPING\r\n");
        });
        stage.settle();
        two->run([&] { exporter.send("PUB news.x 2\r\nhi\r\n"); });
        one->run([&] { importer.send("PUB help inbox 2\r\nme\r\n"); });
        stage.settle();
        QVERIFY2(has(importer.bytes(), "MSG news.x 1 2\r\nhi\r\n"), importer.bytes().c_str());
        std::string const asked = exporter.take_bytes();
        auto const at = asked.find("_R_.");
        QVERIFY2(at != std::string::npos, asked.c_str());
        std::string const reply = asked.substr(at, asked.find(' ', at) - at);
        two->run([&] { exporter.send(concat("PUB ", reply, " 2\r\nok\r\n")); });
        stage.settle();
        QVERIFY2(has(importer.bytes(), "MSG inbox 2 2\r\nok\r\n"), importer.bytes().c_str());
        one->run([&] { importer.close(); });
        two->run([&] { exporter.close(); });
    }
};

SIGNALBOX_TEST(RouteTest);

}  // namespace signalbox::cluster

#include "route_test.moc"
