#include "tests/support/run_tests.h"
#include "tests/system/system_stage.h"

namespace signalbox::system {

/// What a server says of itself in the system account.
class EventsTest : public QObject {
    Q_OBJECT

private slots:
    void who_comes_and_goes_is_told_with_what_he_did() {
        SystemStage stage;
        auto& watcher = stage.connect("sys");
        stage.listen(watcher, "$SYS.ACCOUNT.*.*");
        auto& client = stage.connect("ann", ",\"version\":\"1.2\"");
        stage.stage.ask(*stage.stage.far, client,
                        "SUB x 1\r\nPUB x 5\r\nhello\r\nPUB y 2\r\nab\r\n");
        stage.stage.far->run([&] { client.close(); });
        stage.stage.pass(milliseconds(50));
        auto const all = messages_in(watcher.take_bytes());
        auto const came = SystemStage::heard(all, "$SYS.ACCOUNT.A.CONNECT");
        auto const went = SystemStage::heard(all, "$SYS.ACCOUNT.A.DISCONNECT");
        QCOMPARE(came.size(), std::size_t{1});
        QCOMPARE(went.size(), std::size_t{1});
        QCOMPARE(text_at(came[0], {"type"}), "io.nats.server.advisory.v1.client_connect");
        QCOMPARE(text_at(came[0], {"id"}).size(), std::size_t{22});
        QCOMPARE(text_at(came[0], {"server", "name"}), "box");
        QCOMPARE(text_at(came[0], {"server", "id"}), stage.id());
        QCOMPARE(text_at(came[0], {"client", "acc"}), "A");
        QCOMPARE(text_at(came[0], {"client", "user"}), "ann");
        QCOMPARE(text_at(came[0], {"client", "ver"}), "1.2");
        QCOMPARE(text_at(came[0], {"client", "kind"}), "Client");
        QCOMPARE(text_at(came[0], {"client", "client_type"}), "nats");
        QCOMPARE(text_at(went[0], {"type"}), "io.nats.server.advisory.v1.client_disconnect");
        QCOMPARE(number_at(went[0], {"client", "id"}), number_at(came[0], {"client", "id"}));
        QCOMPARE(text_at(went[0], {"reason"}), "Client Closed");
        // Sent and received are the client's.
        QCOMPARE(number_at(went[0], {"sent", "msgs"}), std::int64_t{2});
        QCOMPARE(number_at(went[0], {"sent", "bytes"}), std::int64_t{7});
        QCOMPARE(number_at(went[0], {"received", "msgs"}), std::int64_t{1});
        QVERIFY(text_at(went[0], {"client", "stop"}) != "(none)");
        QVERIFY(text_at(went[0], {"id"}) != text_at(came[0], {"id"}));
        QVERIFY(number_at(went[0], {"server", "seq"}) > number_at(came[0], {"server", "seq"}));
    }

    void who_is_not_let_in_is_told_without_his_secret() {
        SystemStage stage;
        auto& watcher = stage.connect("sys");
        stage.listen(watcher, "$SYS.>");
        auto& evil = stage.stage.dial(*stage.stage.far, "10.0.0.1", 4222);
        QVERIFY(stage.stage
                    .ask(*stage.stage.far, evil,
                         "CONNECT {\"user\":\"ann\",\"pass\":\"guess\",\"name\":\"evil\"}\r\n")
                    .find("Authorization Violation") != std::string::npos);
        stage.stage.pass(milliseconds(50));
        std::string const bytes = watcher.take_bytes();
        QVERIFY(bytes.find("guess") == std::string::npos);
        auto const all = messages_in(bytes);
        auto const told =
            SystemStage::heard(all, concat("$SYS.SERVER.", stage.id(), ".CLIENT.AUTH.ERR"));
        QCOMPARE(told.size(), std::size_t{1});
        QCOMPARE(text_at(told[0], {"reason"}), "Authentication Failure");
        QCOMPARE(text_at(told[0], {"client", "user"}), "ann");
        QCOMPARE(text_at(told[0], {"client", "name"}), "evil");
        QCOMPARE(text_at(told[0], {"client", "acc"}), "$G");
        // Who never came did not go.
        QVERIFY(SystemStage::heard(all, "$SYS.ACCOUNT.$G.DISCONNECT").empty());
    }

    void connections_of_accounts_are_told_as_they_change_and_every_thirty_seconds() {
        SystemStage stage;
        auto& watcher = stage.connect("sys");
        stage.listen(watcher, "$SYS.ACCOUNT.*.SERVER.CONNS");
        stage.connect("ann");
        auto changes =
            SystemStage::heard(messages_in(watcher.take_bytes()), "$SYS.ACCOUNT.A.SERVER.CONNS");
        QCOMPARE(changes.size(), std::size_t{1});
        QCOMPARE(text_at(changes[0], {"type"}), "io.nats.server.advisory.v1.account_connections");
        QCOMPARE(text_at(changes[0], {"acc"}), "A");
        QCOMPARE(number_at(changes[0], {"conns"}), std::int64_t{1});
        stage.stage.pass(seconds(61));
        auto const all = messages_in(watcher.take_bytes());
        QCOMPARE(SystemStage::heard(all, "$SYS.ACCOUNT.A.SERVER.CONNS").size(), std::size_t{2});
        QVERIFY(SystemStage::heard(all, "$SYS.ACCOUNT.B.SERVER.CONNS").empty());
        stage.listen(watcher, "$SYS.SERVER.ACCOUNT.B.CONNS");
        stage.connect("bob");
        QCOMPARE(
            SystemStage::heard(messages_in(watcher.take_bytes()), "$SYS.SERVER.ACCOUNT.B.CONNS")
                .size(),
            std::size_t{1});
    }

    void figures_are_said_often_at_first_and_then_every_ten_seconds() {
        SystemStage stage;
        auto& watcher = stage.connect("sys");
        stage.listen(watcher, "$SYS.SERVER.*.STATSZ");
        stage.stage.pass(seconds(5));
        auto const count = [&] { return messages_in(watcher.take_bytes()).size(); };
        std::size_t const early = count();
        QVERIFY(early >= 3 && early <= 5);
        stage.stage.pass(seconds(60));
        std::size_t const later = count();
        QVERIFY(later >= 6 && later <= 8);
        // Whoever asks without a reply has them said again, but not without end.
        for (int i = 0; i < 5; ++i) {
            stage.stage.ask(*stage.stage.far, watcher, "PUB $SYS.REQ.SERVER.PING 0\r\n\r\n");
        }
        QVERIFY(count() <= 1);
    }

    void the_end_is_told_before_it_comes() {
        SystemStage stage;
        auto& watcher = stage.connect("sys");
        stage.listen(watcher, "$SYS.SERVER.*.*");
        stage.stage.near->run([&] { stage.running.server->lame_duck([] {}); });
        stage.stage.pass(milliseconds(50));
        auto const empties = SystemStage::heard(messages_in(watcher.take_bytes()),
                                                concat("$SYS.SERVER.", stage.id(), ".LAMEDUCK"));
        QCOMPARE(empties.size(), std::size_t{1});
        QCOMPARE(text_at(empties[0], {"name"}), "box");
        stage.running.stop();
        stage.stage.pass(milliseconds(200));
        QVERIFY(stage.running.stopped);
        auto const ends = SystemStage::heard(messages_in(watcher.take_bytes()),
                                             concat("$SYS.SERVER.", stage.id(), ".SHUTDOWN"));
        QCOMPARE(ends.size(), std::size_t{1});
        QCOMPARE(text_at(ends[0], {"id"}), stage.id());
    }

    void without_a_system_account_nothing_is_said_and_nothing_answered() {
        config::Options options = server::on("10.0.0.1");
        options.no_system_account = true;
        SystemStage stage(options);
        auto& client = stage.connect("");
        auto const found = stage.ask(client, "$SYS.REQ.USER.INFO");
        QCOMPARE(found.size(), std::size_t{1});
        QVERIFY(found[0].headers.find("503") != std::string::npos);
    }
};
SIGNALBOX_TEST(EventsTest);

}  // namespace signalbox::system

#include "events_test.moc"
