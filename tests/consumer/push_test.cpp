#include "tests/consumer/consumer_stage.h"
#include "tests/support/run_tests.h"

namespace signalbox::jetstream {
namespace {

ConsumerConfig pushing(AckPolicy policy = AckPolicy::None) {
    ConsumerConfig config;
    config.name = "c";
    config.durable_name = "c";
    config.acks.policy = policy;
    config.push.subject = "out";
    return config;
}

}  // namespace

/// Consumers that send without being asked.
class PushTest : public QObject {
    Q_OBJECT

private slots:
    void it_delivers_while_somebody_listens() {
        ConsumerStage stage;
        stage.create(pushing());
        stage.store("a", "1");
        stage.wait(base::seconds(1));
        QCOMPARE(stage.consumer("c").left(), std::uint64_t{1});
        QVERIFY(!stage.consumer("c").service()->is_bound());
        stage.listen("out");
        stage.wait(base::milliseconds(200));
        QCOMPARE(stage.lines(), std::string("a 1\n"));
        QVERIFY(stage.consumer("c").service()->is_bound());
        stage.store("a", "2");
        QCOMPARE(stage.lines(), std::string("a 2\n"));
        QCOMPARE(stage.consumer("c").state().ack_floor().consumer_sequence, std::uint64_t{2});
    }

    void heartbeats_tell_how_far_it_is() {
        ConsumerStage stage;
        ConsumerConfig config = pushing();
        config.push.heartbeat = base::milliseconds(500);
        stage.listen("out");
        stage.create(config);
        stage.store("a", "1");
        stage.take();
        stage.wait(base::milliseconds(600));
        QCOMPARE(stage.received.size(), std::size_t{1});
        QCOMPARE(stage.received[0].headers,
                 std::string("NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 1\r\n"
                             "Nats-Last-Stream: 1\r\n\r\n"));
    }

    void flow_control_waits_for_the_client() {
        ConsumerStage stage;
        ConsumerConfig config = pushing();
        config.push.heartbeat = base::seconds(5);
        config.push.flow_control = true;
        stage.listen("out");
        stage.create(config);
        std::string const large(100 * 1'024, 'x');
        stage.do_now([&] {
            for (int i = 0; i < 40; ++i) {
                stage.stream->add("a", large);
            }
        });
        // A request when half the window of 2 MiB is under way, nothing once all of it is.
        QVERIFY(stage.received.size() < 25);
        std::string reply;
        for (auto const& message : stage.received) {
            if (message.headers.starts_with("NATS/1.0 100 FlowControl Request\r\n")) {
                reply = message.reply;
            }
        }
        QVERIFY(reply.starts_with("$JS.FC.S.c."));
        stage.take();
        stage.wait(base::seconds(6));
        QVERIFY(stage.take().at(0).headers.find("Nats-Consumer-Stalled: " + reply) !=
                std::string::npos);
        stage.say(reply);
        QVERIFY(stage.received.size() > 10);
    }

    void a_rate_limit_spreads_messages() {
        ConsumerStage stage;
        ConsumerConfig config = pushing();
        config.push.rate_limit = 8 * 1'024 * 1'024;  // A mebibyte a second.
        stage.listen("out");
        stage.create(config);
        std::string const large(512 * 1'024, 'x');
        stage.do_now([&] {
            for (int i = 0; i < 6; ++i) {
                stage.stream->add("a", large);
            }
        });
        QVERIFY(stage.received.size() <= 2);
        stage.wait(base::milliseconds(1'100));
        QVERIFY(stage.received.size() >= 3);
        QVERIFY(stage.received.size() <= 4);
        stage.wait(base::seconds(3));
        QCOMPARE(stage.received.size(), std::size_t{6});
    }

    void a_replay_keeps_the_pauses() {
        ConsumerStage stage;
        stage.store("a", "1");
        stage.wait(base::seconds(3));
        stage.store("a", "2");
        ConsumerConfig config = pushing();
        config.replay = ReplayPolicy::Original;
        stage.listen("out");
        stage.create(config);
        QCOMPARE(stage.lines(), std::string("a 1\n"));
        stage.wait(base::seconds(2));
        QCOMPARE(stage.lines(), std::string());
        stage.wait(base::milliseconds(1'100));
        QCOMPARE(stage.lines(), std::string("a 2\n"));
        stage.store("a", "3");
        QCOMPARE(stage.lines(), std::string("a 3\n"));
    }

    void an_ephemeral_goes_when_nobody_listens() {
        ConsumerStage stage;
        ConsumerConfig config = pushing();
        config.durable_name.clear();
        config.inactive_threshold = base::seconds(5);
        stage.create(config);
        stage.wait(base::seconds(3));
        QVERIFY(stage.consumers->find("c") != nullptr);
        stage.wait(base::seconds(4));
        QVERIFY(stage.consumers->find("c") == nullptr);
    }

    void one_member_of_a_deliver_group_gets_each_message() {
        ConsumerStage stage;
        ConsumerConfig config = pushing();
        config.push.group = "g";
        int first = 0;
        int second = 0;
        stage.do_now([&] {
            stage.client->subscribe("out", "g", [&](auto const&) { ++first; });
            stage.client->subscribe("out", "g", [&](auto const&) { ++second; });
        });
        stage.create(config);
        stage.store_many("a", 100);
        QCOMPARE(first + second, 100);
        QVERIFY(first > 20);
        QVERIFY(second > 20);
    }

    void answers_to_flow_control_are_acks_where_the_policy_says_so() {
        ConsumerStage stage;
        ConsumerConfig config = pushing(AckPolicy::FlowControl);
        config.push.heartbeat = base::seconds(1);
        config.push.flow_control = true;
        stage.listen("out");
        stage.create(config);
        stage.store_many("a", 3);
        QCOMPARE(stage.received.size(), std::size_t{3});
        QCOMPARE(stage.received[0].reply, std::string());
        stage.do_now([&] {
            stage.client->publish({.subject = "$JS.FC.S.c.abcd",
                                   .reply = {},
                                   .headers = "NATS/1.0\r\nNats-Last-Consumer: 2\r\n"
                                              "Nats-Last-Stream: 2\r\n\r\n",
                                   .payload = {}});
        });
        QCOMPARE(stage.consumer("c").state().ack_floor().stream_sequence, std::uint64_t{2});
    }
};
SIGNALBOX_TEST(PushTest);

/// Who of those that pull is served.
class PriorityTest : public QObject {
    Q_OBJECT

private slots:
    void overflow_is_served_when_much_is_pending() {
        ConsumerStage stage;
        ConsumerConfig config = durable("c");
        config.priority = {.groups = {"g"}, .policy = PriorityPolicy::Overflow};
        stage.create(config);
        stage.listen("inbox");
        stage.store("a", "1");
        stage.pull(R"({"batch":5,"group":"g","min_pending":3})");
        QCOMPARE(stage.lines(), std::string());
        stage.store("a", "2");
        stage.store("a", "3");
        QCOMPARE(stage.lines(), std::string("a 1\n"));
        stage.pull("1");
        QCOMPARE(stage.lines(), std::string("400 Bad Request - Priority Group missing\n"));
    }

    void the_lowest_number_is_served_first() {
        ConsumerStage stage;
        ConsumerConfig config = durable("c");
        config.priority = {.groups = {"g"}, .policy = PriorityPolicy::Prioritized};
        stage.create(config);
        stage.listen("inbox");
        stage.listen("first");
        stage.pull(R"({"batch":1,"group":"g","priority":5})");
        stage.pull(R"({"batch":1,"group":"g","priority":1})", "first");
        stage.pull(R"({"batch":1,"group":"g","priority":10})");
        QCOMPARE(stage.lines(),
                 std::string("400 Bad Request - Priority must be between 0 and 9\n"));
        stage.store("a", "1");
        QCOMPARE(stage.consumer("c").service()->waiting(), std::size_t{1});
    }

    void one_client_is_pinned_until_it_is_silent() {
        ConsumerStage stage;
        ConsumerConfig config = durable("c");
        config.priority = {
            .groups = {"g"}, .policy = PriorityPolicy::PinnedClient, .timeout = base::seconds(10)};
        stage.create(config);
        stage.listen("inbox");
        stage.listen("$JS.EVENT.ADVISORY.CONSUMER.*.S.c");
        stage.store_many("a", 2);
        stage.pull(R"({"batch":1,"group":"g"})");
        std::string pin;
        for (auto const& message : stage.take()) {
            std::size_t const at = message.headers.find("Nats-Pin-Id: ");
            pin = at == std::string::npos ? pin : message.headers.substr(at + 13, 22);
        }
        QCOMPARE(pin.size(), std::size_t{22});
        stage.pull(R"({"batch":1,"group":"g"})");
        QCOMPARE(stage.lines(), std::string());
        stage.pull(R"({"batch":1,"group":"g","id":"wrong"})");
        QCOMPARE(stage.lines(), std::string("423 Nats-Pin-Id mismatch\n"));
        stage.pull(R"({"batch":1,"group":"g","id":")" + pin + R"("})");
        QCOMPARE(stage.lines(), std::string("a 1\n"));
        stage.store("a", "for another");
        QCOMPARE(stage.lines(), std::string());
        stage.wait(base::seconds(11));
        std::string const lines = stage.lines();
        QVERIFY(lines.find("consumer_group_unpinned") != std::string::npos);
        QVERIFY(lines.find(R"("reason":"timeout")") != std::string::npos);
        QVERIFY(lines.find("consumer_group_pinned") != std::string::npos);
        QVERIFY(lines.find("a for another\n") != std::string::npos);
        QVERIFY(stage.consumer("c").service()->pin().id != pin);
    }
};
SIGNALBOX_TEST(PriorityTest);

}  // namespace signalbox::jetstream

#include "push_test.moc"
