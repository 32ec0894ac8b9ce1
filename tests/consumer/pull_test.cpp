#include "tests/consumer/consumer_stage.h"
#include "tests/support/run_tests.h"

namespace signalbox::jetstream {

/// What a client of a pull consumer sees.
class PullTest : public QObject {
    Q_OBJECT

private slots:
    void a_batch_is_delivered_under_the_subjects_it_was_stored_under() {
        ConsumerStage stage;
        stage.create(durable("c"));
        stage.listen("inbox");
        stage.store("a.1", "one");
        stage.store("a.2", "two");
        stage.pull("5");
        QCOMPARE(stage.received.size(), std::size_t{2});
        QCOMPARE(stage.received[1].reply.substr(0, 18), std::string("$JS.ACK.S.c.1.2.2."));
        QVERIFY(stage.received[0].reply.ends_with(".1"));
        QVERIFY(stage.received[1].reply.ends_with(".0"));
        QCOMPARE(stage.lines(), std::string("a.1 one\na.2 two\n"));
        stage.store("a.3", "three");
        QCOMPARE(stage.lines(), std::string("a.3 three\n"));
        QCOMPARE(stage.consumer("c").service()->waiting(), std::size_t{1});
    }

    void requests_end_as_clients_expect_data() {
        QTest::addColumn<QString>("body");
        QTest::addColumn<int>("wait");
        QTest::addColumn<QString>("lines");
        auto const row = [](char const* name, char const* body, int wait, char const* lines) {
            QTest::newRow(name) << QString(body) << wait << QString(lines);
        };
        row("no_wait", R"({"batch":3,"no_wait":true})", 0, "a 1\na 2\n404 No Messages\n");
        row("no_wait with expires", R"({"batch":3,"no_wait":true,"expires":1000000000})", 0,
            "a 1\na 2\n404 No Messages\n");
        row("expires", R"({"batch":3,"expires":1000000000})", 1'100,
            "a 1\na 2\n408 Request Timeout\n");
        row("one", "", 0, "a 1\n");
        row("an object without a batch", "{}", 0, "a 1\n");
        row("max_bytes too small", R"({"batch":3,"max_bytes":10})", 0,
            "409 Message Size Exceeds MaxBytes\n");
        row("max_bytes for one", R"({"batch":3,"max_bytes":60})", 0,
            "a 1\n409 Message Size Exceeds MaxBytes\n");
        row("bytes left", R"({"batch":1,"max_bytes":1000})", 0, "a 1\n409 Batch Completed\n");
        row("heartbeat too large", R"({"batch":1,"expires":1000000000,"idle_heartbeat":600000000})",
            0, "400 Bad Request - heartbeat value too large\n");
        row("no number", "x", 0, "a 1\n");
        row("a group it does not have", R"({"batch":1,"group":"g"})", 0, "a 1\n");
        row("heartbeats", R"({"batch":3,"expires":2000000000,"idle_heartbeat":900000000})", 1'000,
            "a 1\na 2\n100 Idle Heartbeat\n");
    }
    void requests_end_as_clients_expect() {
        QFETCH(QString, body);
        QFETCH(int, wait);
        QFETCH(QString, lines);
        ConsumerStage stage;
        stage.create(durable("c"));
        stage.listen("inbox");
        stage.store("a", "1");
        stage.store("a", "2");
        stage.pull(body.toStdString());
        stage.wait(base::milliseconds(wait));
        QCOMPARE(QString::fromStdString(stage.lines()), lines);
    }

    void who_asks_for_more_than_allowed_is_told() {
        ConsumerStage stage;
        ConsumerConfig config = durable("c");
        config.pull.max_batch = 10;
        config.pull.max_expires = base::seconds(2);
        config.pull.max_bytes = 100;
        config.pull.max_waiting = 1;
        stage.create(config);
        stage.listen("inbox");
        stage.pull("11");
        stage.pull(R"({"batch":1,"expires":3000000000})");
        stage.pull(R"({"batch":1,"max_bytes":101})");
        stage.pull("1");
        stage.pull("1");
        QCOMPARE(stage.lines(), std::string("409 Exceeded MaxRequestBatch of 10\n"
                                            "409 Exceeded MaxRequestExpires of 2s\n"
                                            "409 Exceeded MaxRequestMaxBytes of 100\n"
                                            "409 Exceeded MaxWaiting\n"));
    }

    void several_requests_take_turns() {
        ConsumerStage stage;
        stage.create(durable("c"));
        std::string ones;
        std::string twos;
        stage.do_now([&] {
            stage.client->subscribe("one", "", [&](auto const& m) { ones += m.payload + " "; });
            stage.client->subscribe("two", "", [&](auto const& m) { twos += m.payload + " "; });
        });
        stage.pull("2", "one");
        stage.pull("2", "two");
        stage.store_many("a", 4);
        QCOMPARE(ones, std::string("0 2 "));
        QCOMPARE(twos, std::string("1 3 "));
        QCOMPARE(stage.consumer("c").service()->waiting(), std::size_t{0});
    }

    void a_request_whose_inbox_is_gone_is_passed_over() {
        ConsumerStage stage;
        stage.create(durable("c"));
        stage.pull("1", "nobody");
        stage.consumer("c").service()->look_for_interest();
        QCOMPARE(stage.consumer("c").service()->waiting(), std::size_t{0});
        stage.pull("1", "nobody");
        stage.listen("inbox");
        stage.pull("1");
        stage.store("a", "1");
        QCOMPARE(stage.lines(), std::string("a 1\n"));
        QCOMPARE(stage.consumer("c").state().delivered().consumer_sequence, std::uint64_t{1});
    }

    void no_more_is_delivered_than_may_be_unacked() {
        ConsumerStage stage;
        ConsumerConfig config = durable("c");
        config.acks.max_pending = 2;
        stage.create(config);
        stage.listen("inbox");
        stage.store_many("a", 5);
        stage.pull("5");
        std::vector<dispatch::ReceivedMessage> const first = stage.take();
        QCOMPARE(first.size(), std::size_t{2});
        stage.say(first[0].reply, "+ACK");
        QCOMPARE(stage.lines(), std::string("a 2\n"));
    }

    void filters_let_through_what_they_match_data() {
        QTest::addColumn<QStringList>("filters");
        QTest::addColumn<int>("pending");
        QTest::addColumn<QString>("lines");
        QTest::newRow("one") << QStringList{"a.1"} << 2 << "a.1 0\na.1 1\n";
        QTest::newRow("wildcard") << QStringList{"a.*"} << 4 << "a.1 0\na.2 0\na.1 1\na.2 1\n";
        QTest::newRow("several") << QStringList{"a.2", "b"} << 3 << "a.2 0\na.2 1\nb x\n";
        QTest::newRow("none of them") << QStringList{"c"} << 0 << "";
    }
    void filters_let_through_what_they_match() {
        QFETCH(QStringList, filters);
        QFETCH(int, pending);
        QFETCH(QString, lines);
        ConsumerStage stage;
        for (int i = 0; i < 2; ++i) {
            stage.store("a.1", std::to_string(i));
            stage.store("a.2", std::to_string(i));
        }
        stage.store("b");
        ConsumerConfig config = durable("c");
        for (QString const& filter : filters) {
            config.filter_subjects.push_back(filter.toStdString());
        }
        QCOMPARE(stage.create(config).left(), static_cast<std::uint64_t>(pending));
        stage.listen("inbox");
        stage.pull("10");
        QCOMPARE(QString::fromStdString(stage.lines()), lines);
        QCOMPARE(stage.consumer("c").left(), std::uint64_t{0});
    }

    void each_policy_begins_where_it_says_data() {
        QTest::addColumn<int>("policy");
        QTest::addColumn<int>("sequence");
        QTest::addColumn<QString>("lines");
        auto const row = [](char const* name, DeliverPolicy policy, int sequence,
                            char const* lines) {
            QTest::newRow(name) << static_cast<int>(policy) << sequence << QString(lines);
        };
        row("all", DeliverPolicy::All, 0, "a 1\nb 2\na 3\nb 4\nb 5\n");
        row("last", DeliverPolicy::Last, 0, "b 4\nb 5\n");
        row("new", DeliverPolicy::New, 0, "b 5\n");
        row("by sequence", DeliverPolicy::ByStartSequence, 3, "a 3\nb 4\nb 5\n");
        row("by a later sequence", DeliverPolicy::ByStartSequence, 5, "b 5\n");
        row("by time", DeliverPolicy::ByStartTime, 0, "a 3\nb 4\nb 5\n");
        row("last per subject", DeliverPolicy::LastPerSubject, 0, "a 3\nb 4\nb 5\n");
    }
    void each_policy_begins_where_it_says() {
        QFETCH(int, policy);
        QFETCH(int, sequence);
        QFETCH(QString, lines);
        ConsumerStage stage;
        stage.store("a", "1");
        stage.store("b", "2");
        WallTime const third = stage.world->clock().wall_now();
        stage.store("a", "3");
        stage.store("b", "4");
        ConsumerConfig config = durable("c");
        config.start.policy = static_cast<DeliverPolicy>(policy);
        config.start.sequence = static_cast<std::uint64_t>(sequence);
        if (config.start.policy == DeliverPolicy::ByStartTime) {
            config.start.time = third;
        }
        if (config.start.policy == DeliverPolicy::LastPerSubject) {
            config.filter_subject = ">";
        }
        std::uint64_t const left = stage.create(config).left();
        stage.listen("inbox");
        stage.store("b", "5");
        QCOMPARE(stage.consumer("c").left(), left + 1);
        stage.pull("10");
        QCOMPARE(QString::fromStdString(stage.lines()), lines);
    }

    void what_is_removed_is_not_counted_as_left() {
        ConsumerStage stage;
        stage.store_many("a", 10);
        Consumer& all = stage.create(durable("c"));
        ConsumerConfig config = durable("d");
        config.filter_subject = "b";
        Consumer& other = stage.create(config);
        stage.store_many("b", 3);
        QCOMPARE(all.left(), std::uint64_t{13});
        QCOMPARE(other.left(), std::uint64_t{3});
        stage.do_now([&] { stage.stream->erase(4); });
        stage.do_now([&] { stage.stream->erase(12); });
        QCOMPARE(all.left(), std::uint64_t{11});
        QCOMPARE(other.left(), std::uint64_t{2});
        stage.do_now([&] { stage.stream->purge(8); });
        QCOMPARE(all.left(), std::uint64_t{5});
        stage.listen("inbox");
        stage.pull("1");
        QCOMPARE(stage.lines(), std::string("a 7\n"));
        QCOMPARE(all.left(), std::uint64_t{4});
    }

    void headers_only_tells_the_size_instead_of_the_payload() {
        ConsumerStage stage;
        ConsumerConfig config = durable("c");
        config.headers_only = true;
        stage.create(config);
        stage.listen("inbox");
        stage.do_now([&] { stage.stream->add("a", "12345", "NATS/1.0\r\nA: b\r\n\r\n"); });
        stage.pull("1");
        QCOMPARE(stage.received.size(), std::size_t{1});
        QCOMPARE(stage.received[0].headers,
                 std::string("NATS/1.0\r\nA: b\r\nNats-Msg-Size: 5\r\n\r\n"));
        QCOMPARE(stage.received[0].payload, std::string());
    }

    void what_nobody_uses_goes_and_who_waits_is_told() {
        ConsumerStage stage;
        ConsumerConfig config = durable("c");
        config.durable_name.clear();
        config.inactive_threshold = base::seconds(5);
        stage.create(config);
        stage.listen("inbox");
        stage.pull(R"({"batch":1,"expires":20000000000})");
        stage.wait(base::seconds(15));
        QVERIFY(stage.consumers->find("c") != nullptr);
        stage.wait(base::seconds(12));
        QVERIFY(stage.consumers->find("c") == nullptr);
        QCOMPARE(stage.lines(), std::string("408 Request Timeout\n"));

        stage.create(durable("c"));
        stage.pull("1");
        stage.do_now([&] { stage.consumers->remove("c", {}); });
        QCOMPARE(stage.lines(), std::string("409 Consumer Deleted\n"));
        QVERIFY(!stage.dispatcher->has_interest(
            stage.accounts.global(),
            subject::PublishSubject::from_token("$JS.API.CONSUMER.MSG.NEXT.S.c")));
    }

    void a_paused_consumer_delivers_later() {
        ConsumerStage stage;
        ConsumerConfig config = durable("c");
        config.pause_until = stage.world->clock().wall_now() + base::seconds(10);
        stage.create(config);
        stage.listen("inbox");
        stage.store("a", "1");
        stage.pull("1");
        stage.wait(base::seconds(9));
        QCOMPARE(stage.lines(), std::string());
        stage.wait(base::seconds(2));
        QCOMPARE(stage.lines(), std::string("a 1\n"));
    }
};
SIGNALBOX_TEST(PullTest);

}  // namespace signalbox::jetstream

#include "pull_test.moc"
