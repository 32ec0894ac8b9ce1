#include "tests/support/run_tests.h"
#include "tests/system/system_stage.h"

namespace signalbox::system {

namespace {

bool is_refused(std::vector<Got> const& answers) {
    return answers.empty() ||
           (answers.size() == 1 && answers[0].headers.find("503") != std::string::npos);
}

}  // namespace

/// What everyone may ask from within his own account, and that it is his own alone.
class TenantsTest : public QObject {
    Q_OBJECT

private slots:
    void one_hears_who_he_is() {
        config::Options options = two_tenants();
        permission::Permissions limited;
        limited.publish = {.allow = {"$SYS.REQ.>"}, .deny = {"x.>"}};
        limited.responses = permission::ResponseRules{.max = 3, .expires = seconds(5)};
        options.accounts[1].users[0].permissions = limited;
        SystemStage stage(options);
        auto& ann = stage.connect("ann");
        auto const answers = stage.ask(ann, "$SYS.REQ.USER.INFO");
        QCOMPARE(answers.size(), std::size_t{1});
        QVERIFY(answers[0].payload.ends_with(
            R"("data":{"user":"ann","account":"A","account_name":"A","permissions":{"publish":)"
            R"({"allow":["$SYS.REQ.\u003e"],"deny":["x.\u003e"]},"subscribe":{},"responses":{"max":3,"ttl":5000000000}}}})"));
        auto& sys = stage.connect("sys");
        QCOMPARE(text_at(stage.answer(sys, "$SYS.REQ.USER.INFO"), {"data", "account"}), "SYS");
    }

    void one_sees_his_own_account_and_nothing_of_others() {
        SystemStage stage;
        auto& ann = stage.connect("ann");
        auto& bob = stage.connect("bob");
        stage.listen(bob, "bobs.subject");
        for (char const* subject : {"$SYS.REQ.ACCOUNT.PING.CONNZ", "$SYS.REQ.SERVER.PING.CONNZ"}) {
            for (char const* body : {"", R"({"acc":"B","auth":true,"subscriptions":true})",
                                     R"({"acc":"SYS","state":2})", R"({"user":"bob"})",
                                     R"({"cid":4})", R"({"acc":"B","filter_subject":">"})"}) {
                auto const answers = stage.ask(ann, subject, body);
                QCOMPARE(answers.size(), std::size_t{1});
                QVERIFY(answers[0].payload.find("bob") == std::string::npos);
            }
            QCOMPARE(number_at(stage.answer(ann, subject), {"data", "num_connections"}),
                     std::int64_t{1});
        }
        for (char const* body : {"", R"({"accounts":["B"]})"}) {
            auto const answers = stage.ask(ann, "$SYS.REQ.ACCOUNT.PING.STATZ", body);
            QCOMPARE(answers.size(), std::size_t{1});
            QVERIFY(answers[0].payload.find(R"("acc":"A")") != std::string::npos);
            QVERIFY(answers[0].payload.find(R"("acc":"B")") == std::string::npos);
        }
    }

    // Each verb of the servers from a tenant: refused, and in the same way for what there is and
    // for what there is not.
    void what_is_the_servers_is_closed_to_tenants() {
        SystemStage stage;
        auto& ann = stage.connect("ann");
        auto& bob = stage.connect("bob");
        for (std::string const& server : {std::string("PING"), stage.id(), std::string("NOSUCH")}) {
            for (char const* verb : {"STATSZ", "IDZ", "VARZ", "SUBSZ", "ROUTEZ", "GATEWAYZ",
                                     "LEAFZ", "ACCOUNTZ", "JSZ", "HEALTHZ", "IPQUEUESZ", "RAFTZ",
                                     "RELOAD", "KICK", "LDM", "PROFILEZ", "EXPVARZ", "NOSUCH"}) {
                QVERIFY2(is_refused(stage.ask(ann, concat("$SYS.REQ.SERVER.", server, ".", verb),
                                              R"({"cid":4})")),
                         verb);
            }
        }
        QVERIFY(is_refused(stage.ask(ann, "$SYS.REQ.SERVER.PING")));
        QVERIFY(is_refused(stage.ask(ann, concat("$SYS.REQ.SERVER.", stage.id(), ".CONNZ"))));
        for (char const* account : {"A", "B", "SYS", "$G", "NOSUCH"}) {
            for (char const* verb : {"SUBSZ", "CONNZ", "LEAFZ", "JSZ", "INFO", "STATZ", "CONNS",
                                     "CLAIMS.LOOKUP", "CLAIMS.UPDATE"}) {
                QVERIFY2(
                    is_refused(stage.ask(ann, concat("$SYS.REQ.ACCOUNT.", account, ".", verb))),
                    verb);
            }
        }
        QVERIFY(is_refused(stage.ask(ann, "$SYS.DEBUG.SUBSCRIBERS", "bobs.subject")));
        QVERIFY(bob.is_open());
        // Nor does a tenant hear what servers say, or make others believe he is one.
        auto& sys = stage.connect("sys");
        stage.listen(ann, "$SYS.>");
        stage.listen(sys, "$SYS.ACCOUNT.>");
        stage.connect("bob");
        QVERIFY(messages_in(ann.take_bytes()).empty());
        sys.take_bytes();
        stage.stage.ask(*stage.stage.far, ann, "PUB $SYS.ACCOUNT.B.CONNECT 4\r\nfake\r\n");
        QVERIFY(sys.take_bytes().find("fake") == std::string::npos);
    }

    void who_asks_without_pause_is_not_always_answered_and_others_are() {
        SystemStage stage;
        auto& ann = stage.connect("ann");
        auto& bob = stage.connect("bob");
        stage.listen(ann, "in");
        std::string many;
        for (int i = 0; i < 500; ++i) {
            many += "PUB $SYS.REQ.USER.INFO in 0\r\n\r\n";
        }
        std::size_t const answered =
            messages_in(stage.stage.ask(*stage.stage.far, ann, many)).size();
        QVERIFY(answered >= 100 && answered < 110);
        QCOMPARE(stage.ask(bob, "$SYS.REQ.USER.INFO").size(), std::size_t{1});
        stage.stage.pass(seconds(1));
        QCOMPARE(stage.ask(ann, "$SYS.REQ.USER.INFO").size(), std::size_t{1});
    }

    void accounts_that_come_with_a_reload_are_served_and_those_that_go_are_not_kept() {
        SystemStage stage;
        config::Options options = two_tenants();
        options.accounts.push_back(account_with("C", "cyd"));
        QVERIFY(stage.stage.reload(stage.running, options).ok());
        auto& cyd = stage.connect("cyd");
        QCOMPARE(text_at(stage.answer(cyd, "$SYS.REQ.USER.INFO"), {"data", "account"}), "C");
        QVERIFY(stage.stage.reload(stage.running, two_tenants()).ok());
        QVERIFY(!cyd.is_open());
        QVERIFY(stage.stage.reload(stage.running, two_tenants()).ok());
        auto& ann = stage.connect("ann");
        QCOMPARE(stage.ask(ann, "$SYS.REQ.USER.INFO").size(), std::size_t{1});
    }

    // Passwords, wherever they come from, are in no document, answer, event or line of the log.
    void planted_secrets_are_found_nowhere() {
        config::Options options = two_tenants();
        options.logging.debug = true;
        SystemStage stage(options);
        auto& sys = stage.connect("sys");
        stage.listen(sys, ">");
        stage.connect("ann");
        stage.connect("bob");
        auto& evil = stage.stage.dial(*stage.stage.far, "10.0.0.1", 4222);
        stage.stage.ask(*stage.stage.far, evil,
                        "CONNECT {\"auth_token\":\"planted-token\",\"sig\":\"planted-sig\","
                        "\"pass\":\"wrong-planted-secret\",\"user\":\"ann\"}\r\n");
        for (char const* service : {"VARZ", "CONNZ", "SUBSZ", "ACCOUNTZ", "STATSZ", "HEALTHZ"}) {
            stage.ask(sys, concat("$SYS.REQ.SERVER.PING.", service),
                      R"({"auth":true,"subscriptions_detail":true,"state":2})");
        }
        for (char const* account : {"A", "B", "SYS"}) {
            stage.ask(sys, concat("$SYS.REQ.ACCOUNT.", account, ".INFO"));
        }
        std::string seen = sys.take_bytes();
        for (char const* path :
             {"/varz", "/connz?auth=1&subs=detail&state=any", "/subsz?subs=1", "/accountz?acc=A",
              "/accountz?acc=SYS", "/accstatz?unused=1", "/healthz", "/metrics", "/", "/leafz",
              "/routez", "/gatewayz", "/jsz"}) {
            auto& browser = stage.stage.dial(*stage.stage.far, "10.0.0.1", 8222);
            std::string const document = stage.stage.ask(
                *stage.stage.far, browser,
                concat("GET ", path, " HTTP/1.1\r\nHost: 10.0.0.1\r\nConnection: close\r\n\r\n"));
            QVERIFY2(document.starts_with("HTTP/1.1 200"), path);
            seen += document;
        }
        stage.stage.pass(seconds(1));
        seen += sys.take_bytes();
        for (std::string const& line : stage.running.log.lines) {
            seen += line;
        }
        QVERIFY(seen.find("ann") != std::string::npos);
        for (char const* secret : {"planted-secret", "planted-token", "planted-sig"}) {
            QVERIFY2(seen.find(secret) == std::string::npos, secret);
        }
    }
};
SIGNALBOX_TEST(TenantsTest);

}  // namespace signalbox::system

#include "tenants_test.moc"
