#include "engine/base/encoding.h"
#include "engine/system/request_rates.h"

#include "tests/support/run_tests.h"
#include "tests/system/system_stage.h"

namespace signalbox::system {

/// What can be asked of a server in the system account.
class RequestsTest : public QObject {
    Q_OBJECT

private slots:
    void every_service_answers_to_all_and_by_name_data() {
        QTest::addColumn<QString>("key");
        for (auto const& [service, key] : std::map<char const*, char const*>{
                 {"VARZ", "max_payload"},
                 {"SUBSZ", "num_subscriptions"},
                 {"CONNZ", "connections"},
                 {"ROUTEZ", "num_routes"},
                 {"GATEWAYZ", "outbound_gateways"},
                 {"LEAFZ", "leafs"},
                 {"ACCOUNTZ", "accounts"},
                 {"JSZ", "disabled"},
                 {"HEALTHZ", "status_code"},
             }) {
            QTest::newRow(service) << key;
        }
    }
    void every_service_answers_to_all_and_by_name() {
        QFETCH(QString, key);
        SystemStage stage;
        auto& asker = stage.connect("sys");
        for (std::string const& server : {std::string("PING"), stage.id()}) {
            Json const answer = stage.answer(
                asker, concat("$SYS.REQ.SERVER.", server, ".", QTest::currentDataTag()));
            QCOMPARE(text_at(answer, {"server", "id"}), stage.id());
            QVERIFY(answer.find("data") != nullptr);
            QVERIFY(answer.find("data")->find(key.toStdString()) != nullptr);
        }
    }

    void figures_and_identity_come_without_an_envelope() {
        SystemStage stage;
        auto& asker = stage.connect("sys");
        for (std::string const& subject :
             {std::string("$SYS.REQ.SERVER.PING"), std::string("$SYS.REQ.SERVER.PING.STATSZ"),
              concat("$SYS.REQ.SERVER.", stage.id(), ".STATSZ")}) {
            Json const answer = stage.answer(asker, subject);
            QCOMPARE(number_at(answer, {"statsz", "connections"}), std::int64_t{1});
            QCOMPARE(number_at(answer, {"statsz", "active_accounts"}), std::int64_t{1});
        }
        auto const id = stage.ask(asker, "$SYS.REQ.SERVER.PING.IDZ");
        QCOMPARE(id.size(), std::size_t{1});
        QCOMPARE(id[0].payload,
                 concat(R"({"name":"box","host":"10.0.0.1","id":")", stage.id(), R"("})"));
    }

    void a_server_that_is_not_meant_stays_silent_data() {
        QTest::addColumn<bool>("answers");
        QTest::newRow("{}") << true;
        QTest::newRow(R"({"server_name":"bo"})") << true;
        QTest::newRow(R"({"server_name":"box","exact_match":true})") << true;
        QTest::newRow(R"({"server_name":"bo","exact_match":true})") << false;
        QTest::newRow(R"({"server_name":"nomatch"})") << false;
        QTest::newRow(R"({"host":"10.0"})") << true;
        QTest::newRow(R"({"host":"10.1"})") << false;
        QTest::newRow(R"({"tags":["BLUE"]})") << true;
        QTest::newRow(R"({"tags":["blue","az:1"]})") << true;
        QTest::newRow(R"({"tags":["blue","az:2"]})") << false;
        QTest::newRow(R"({"cluster":"c"})") << false;
        QTest::newRow(R"({"domain":"d"})") << false;
    }
    void a_server_that_is_not_meant_stays_silent() {
        QFETCH(bool, answers);
        SystemStage stage;
        auto& asker = stage.connect("sys");
        for (char const* subject :
             {"$SYS.REQ.SERVER.PING", "$SYS.REQ.SERVER.PING.VARZ", "$SYS.REQ.ACCOUNT.A.INFO"}) {
            QCOMPARE(stage.ask(asker, subject, QTest::currentDataTag()).size(),
                     static_cast<std::size_t>(answers ? 1 : 0));
        }
    }

    void what_cannot_be_read_or_done_is_an_error_with_a_code_data() {
        QTest::addColumn<QString>("body");
        QTest::addColumn<int>("code");
        QTest::addColumn<QString>("says");
        auto row = [](char const* service, char const* body, int code, char const* says) {
            QTest::newRow(qPrintable(QString("%1 %2").arg(service, body))) << body << code << says;
        };
        row("CONNZ", "nope", 400, "");
        row("CONNZ", R"({"auth":3})", 400, "of type bool");
        row("CONNZ", R"({"limit":"x"})", 400, "of type int");
        row("CONNZ", R"({"sort":"foo"})", 500, "invalid sorting option: foo");
        row("CONNZ", R"({"filter_subject":"a"})", 500,
            "filter by subject only valid with account filtering");
        row("CONNZ", R"({"sort":"stop"})", 500, "sort by stop only valid on closed connections");
        row("SUBSZ", R"({"test":"a.*"})", 500, "invalid test subject");
        row("ACCOUNTZ", R"({"account":"Z"})", 500, "Account Z does not exist");
        row("KICK", R"({"cid":99})", 500, "no such client or leafnode id");
        row("KICK", R"({"cid":-1})", 400, "of type uint64");
        row("LDM", R"({"cid":99})", 500, "no such client id");
        row("RELOAD", "", 500, "can only reload config when a file is provided");
    }
    void what_cannot_be_read_or_done_is_an_error_with_a_code() {
        QFETCH(QString, body);
        QFETCH(int, code);
        QFETCH(QString, says);
        SystemStage stage;
        auto& asker = stage.connect("sys");
        std::string const service =
            QString(QTest::currentDataTag()).section(' ', 0, 0).toStdString();
        Json const answer = stage.answer(
            asker, concat("$SYS.REQ.SERVER.", stage.id(), ".", service), body.toStdString());
        QCOMPARE(number_at(answer, {"error", "code"}), std::int64_t{code});
        QVERIFY(text_at(answer, {"error", "description"}).find(says.toStdString()) !=
                std::string::npos);
    }

    void connections_are_chosen_as_over_http() {
        SystemStage stage;
        auto& asker = stage.connect("sys");
        auto& ann = stage.connect("ann");
        stage.listen(ann, "foo.*");
        stage.connect("ann");
        Json const answer = stage.answer(
            asker, "$SYS.REQ.SERVER.PING.CONNZ",
            R"({"acc":"A","filter_subject":"foo.a","subscriptions_detail":true,"auth":true})");
        auto const& list = *answer.find("data")->find("connections")->as_array();
        QCOMPARE(list.size(), std::size_t{1});
        QCOMPARE(text_at(list[0], {"authorized_user"}), "ann");
        QVERIFY(list[0].find("subscriptions_list_detail") != nullptr);
        QCOMPARE(number_at(answer, {"data", "total"}), std::int64_t{2});
    }

    void an_account_is_asked_by_its_name() {
        SystemStage stage;
        auto& asker = stage.connect("sys");
        stage.connect("ann");
        auto const ask = [&](char const* what, char const* body = "") {
            return stage.answer(asker, concat("$SYS.REQ.ACCOUNT.", what), body);
        };
        QCOMPARE(number_at(ask("A.CONNZ"), {"data", "num_connections"}), std::int64_t{1});
        QCOMPARE(number_at(ask("B.CONNZ"), {"data", "num_connections"}), std::int64_t{0});
        QCOMPARE(text_at(ask("A.INFO"), {"data", "account_name"}), "A");
        QCOMPARE(text_at(ask("Z.INFO"), {"error", "description"}), "Account Z does not exist");
        QVERIFY(number_at(ask("A.SUBSZ"), {"data", "num_subscriptions"}) >= 4);
        QCOMPARE(number_at(ask("A.LEAFZ"), {"data", "leafnodes"}), std::int64_t{0});
        QCOMPARE(text_at(ask("A.JSZ"), {"error", "description"}), "jetstream not enabled");
        QCOMPARE(text_at(ask("A.CONNS"), {"acc"}), "A");
        QVERIFY(stage.ask(asker, "$SYS.REQ.ACCOUNT.B.STATZ").empty());
        auto const stats = [&](char const* what, char const* body) {
            std::string names;
            Json const answer = ask(what, body);
            for (Json const& each : *answer.find("data")->find("account_statz")->as_array()) {
                names += text_at(each, {"acc"}) + " ";
            }
            return names;
        };
        QCOMPARE(stats("A.STATZ", ""), std::string("A "));
        QCOMPARE(stats("B.STATZ", R"({"include_unused":true})"), std::string("B "));
        QCOMPARE(stats("PING.STATZ", ""), std::string("SYS A "));
        QCOMPARE(stats("PING.STATZ", R"({"accounts":["B","A"],"include_unused":true})"),
                 std::string("B A "));
    }

    void one_client_is_sent_away_and_another_warned() {
        SystemStage stage;
        auto& asker = stage.connect("sys");
        auto& ann = stage.connect("ann");
        auto& bob = stage.connect("bob");
        auto const cid = [&](std::string const& account) {
            Json const answer = stage.answer(asker, concat("$SYS.REQ.ACCOUNT.", account, ".CONNZ"));
            return number_at(answer.find("data")->find("connections")->as_array()->front(),
                             {"cid"});
        };
        std::string const body = concat("{\"cid\":", cid("B"), "}");
        Json const warned =
            stage.answer(asker, concat("$SYS.REQ.SERVER.", stage.id(), ".LDM"), body);
        QVERIFY(warned.find("error") == nullptr && warned.find("server") != nullptr);
        QVERIFY(bob.take_bytes().find("\"ldm\":true") != std::string::npos);
        QVERIFY(ann.take_bytes().find("INFO") == std::string::npos);
        std::string const anns = concat("{\"cid\":", cid("A"), "}");
        ann.take_bytes();  // A look at it measures its round trip.
        Json const kicked =
            stage.answer(asker, concat("$SYS.REQ.SERVER.", stage.id(), ".KICK"), anns);
        QVERIFY(kicked.find("error") == nullptr && kicked.find("server") != nullptr);
        stage.stage.pass(milliseconds(50));
        QVERIFY(!ann.is_open());
        QVERIFY(ann.take_bytes().empty());  // Without a word.
        QVERIFY(bob.is_open());
    }

    void a_reload_is_asked_of_whoever_reads_the_file() {
        SystemStage stage;
        int asked = 0;
        stage.stage.near->run([&] { stage.running.server->on_reload_request([&] { ++asked; }); });
        auto& asker = stage.connect("sys");
        std::string const request =
            concat("PUB $SYS.REQ.SERVER.", stage.id(), ".RELOAD in 0\r\n\r\n");
        stage.listen(asker, "in");
        stage.stage.ask(*stage.stage.far, asker, request + request);
        QCOMPARE(asked, 1);  // Both wait for the same.
        QVERIFY(messages_in(asker.take_bytes()).empty());
        config::Options options = two_tenants();
        options.limits.max_payload = 1'000;
        QVERIFY(stage.stage.reload(stage.running, options).ok());
        auto done = messages_in(asker.take_bytes());
        QCOMPARE(done.size(), std::size_t{2});
        QVERIFY(done[0].payload.find("error") == std::string::npos);
        stage.stage.ask(*stage.stage.far, asker, request);
        stage.stage.near->run([&] { stage.running.server->refuse_reload("no such file"); });
        stage.stage.pass(milliseconds(20));
        done = messages_in(asker.take_bytes());
        QCOMPARE(done.size(), std::size_t{1});
        QVERIFY(done[0].payload.find("no such file") != std::string::npos);
    }

    void an_answer_is_compressed_as_the_asker_reads_it() {
        SystemStage stage;
        auto& asker = stage.connect("sys");
        auto const ask = [&](std::string const& accepts) {
            auto const found =
                stage.ask(asker, "$SYS.REQ.SERVER.PING.VARZ", "",
                          concat("NATS/1.0\r\nAccept-Encoding: ", accepts, "\r\n\r\n"));
            return found.size() == 1 ? found.front() : Got{};
        };
        Got const snappy = ask("snappy");
        QVERIFY(snappy.headers.find("Content-Encoding: snappy\r\n") != std::string::npos);
        QVERIFY(snappy.payload.starts_with("\xff\x06"));
        Got const gzip = ask("gzip");
        QVERIFY(gzip.headers.find("Content-Encoding: gzip\r\n") != std::string::npos);
        QVERIFY(gzip.payload.starts_with("\x1f\x8b"));
        Got const plain = ask("br");
        QVERIFY(plain.headers.find("Content-Encoding: identity\r\n") != std::string::npos);
        QVERIFY(plain.payload.starts_with("{\"server\":"));
    }

    void subscribers_of_a_subject_are_counted() {
        SystemStage stage;
        auto& asker = stage.connect("sys");
        stage.stage.ask(*stage.stage.far, asker,
                        "SUB foo.* 1\r\nSUB foo.a q 2\r\nSUB foo.a q 3\r\nSUB bar 4\r\n");
        auto const count = [&](char const* body) {
            auto const found = stage.ask(asker, "$SYS.DEBUG.SUBSCRIBERS", body);
            return found.size() == 1 ? found[0].payload : "(none)";
        };
        QCOMPARE(count("foo.a"), std::string("3"));
        QCOMPARE(count("foo.a q"), std::string("2"));
        QCOMPARE(count("foo.>"), std::string("3"));
        QCOMPARE(count("nothing"), std::string("0"));
        QCOMPARE(count("a..b"), std::string("0"));
    }

    // As servers ask each other: of any account, the group in base64; who asks of none there is
    // hears nothing.
    void subscribers_in_any_account_are_counted() {
        SystemStage stage;
        auto& asker = stage.connect("sys");
        auto& ann = stage.connect("ann");
        stage.stage.ask(*stage.stage.far, ann, "SUB foo.* 1\r\nSUB foo.a q 2\r\n");
        auto const count = [&](char const* body) {
            auto const found = stage.ask(asker, "$SYS.REQ.ACCOUNT.NSUBS", body);
            return found.size() == 1 ? found[0].payload : "(none)";
        };
        QCOMPARE(count(R"({"acc":"A","subject":"foo.a"})"), std::string("2"));
        QCOMPARE(count(R"({"acc":"A","subject":"foo.a","queue":"cQ=="})"), std::string("1"));
        QCOMPARE(count(R"({"acc":"B","subject":"foo.a"})"), std::string("0"));
        for (char const* body : {"", "x", R"({"acc":"Z","subject":"foo"})",
                                 R"({"acc":"A","subject":"foo.a","queue":"q"})"}) {
            QCOMPARE(count(body), std::string("(none)"));
        }
    }

    // What shows the runtime of the reference's own language is said not to be there.
    void what_is_of_another_runtime_is_said_to_be_absent() {
        SystemStage stage;
        auto& asker = stage.connect("sys");
        Json const profile =
            stage.answer(asker, "$SYS.REQ.SERVER.PING.PROFILEZ", R"({"name":"cpu"})");
        QVERIFY(profile.find("data")->find("profile")->is_null());
        QVERIFY(text_at(profile, {"data", "error"}).find("not there") != std::string::npos);
        Json const variables = stage.answer(asker, "$SYS.REQ.SERVER.PING.EXPVARZ");
        QCOMPARE(number_at(variables, {"error", "code"}), std::int64_t{500});
    }

    void what_comes_too_fast_is_not_answered() {
        RequestRates rates({.of_connection = 10, .of_account = 25});
        auto const taken = [&](std::uint64_t connection, int tries, Duration at) {
            int count = 0;
            for (int i = 0; i < tries; ++i) {
                count += rates.take("A", connection, Instant(at)) ? 1 : 0;
            }
            return count;
        };
        QCOMPARE(taken(1, 100, seconds(1)), 10);
        QCOMPARE(taken(2, 100, seconds(1)), 10);
        QCOMPARE(taken(3, 100, seconds(1)), 5);  // All that its account has left.
        QVERIFY(rates.take("B", 9, Instant(seconds(1))));
        QCOMPARE(taken(1, 100, seconds(1) + milliseconds(500)), 5);
        QCOMPARE(taken(1, 100, seconds(60)), 10);
        // Nobody is remembered for ever.
        for (std::uint64_t connection = 10; connection < 10'000; ++connection) {
            taken(connection, 1, seconds(60) + milliseconds(static_cast<std::int64_t>(connection)));
        }
        QCOMPARE(taken(1, 1, seconds(100)), 1);
    }
};
SIGNALBOX_TEST(RequestsTest);

}  // namespace signalbox::system

#include "requests_test.moc"
