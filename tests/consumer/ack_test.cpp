#include "tests/consumer/consumer_stage.h"
#include "tests/support/run_tests.h"

namespace signalbox::jetstream {
namespace {

/// A consumer that has delivered three messages.
struct Delivered : ConsumerStage {
    explicit Delivered(ConsumerConfig config, StreamFacts facts = {.name = "S", .domain = {}})
        : ConsumerStage(std::move(facts)) {
        create(std::move(config));
        listen("inbox");
        listen("done");
        store_many("a", 3);
        pull("100");
        messages = take();
        CHECK(messages.size() == 3);
    }
    std::vector<dispatch::ReceivedMessage> messages;
};

QString floor_of(ConsumerStage& stage) {
    Position const floor = stage.consumer("c").state().ack_floor();
    return QString("%1/%2").arg(floor.consumer_sequence).arg(floor.stream_sequence);
}

}  // namespace

/// What becomes of deliveries by what clients say of them, and by time.
class AckTest : public QObject {
    Q_OBJECT

private slots:
    void acks_move_the_floor() {
        Delivered stage(durable("c"));
        stage.say(stage.messages[1].reply, "+ACK");
        QCOMPARE(floor_of(stage), QString("0/0"));
        stage.say(stage.messages[0].reply);
        QCOMPARE(floor_of(stage), QString("2/2"));
        stage.say(stage.messages[2].reply, "+OK");
        QCOMPARE(floor_of(stage), QString("3/3"));
        QVERIFY(stage.consumer("c").state().pending().empty());
    }

    void an_ack_of_all_is_one_of_those_before() {
        Delivered stage(durable("c", AckPolicy::All));
        stage.say(stage.messages[1].reply, "+ACK");
        QCOMPARE(floor_of(stage), QString("2/2"));
    }

    void an_ack_with_a_reply_is_confirmed_once_it_is_in_the_log() {
        Delivered stage(durable("c"));
        std::size_t const before = stage.stream->entries_applied();
        stage.say(stage.messages[0].reply, "+ACK", "done");
        QCOMPARE(stage.received.size(), std::size_t{1});
        QCOMPARE(stage.received[0].subject, std::string("done"));
        QVERIFY(stage.stream->entries_applied() > before);
        stage.take();
        stage.say("$JS.ACK.S.c.1.99.99.1.0", "+ACK", "done");
        QVERIFY(stage.received.empty());
    }

    void acks_come_with_domain_and_account_too() {
        Delivered stage(durable("c"));
        std::string const hash = short_hash("$G");
        std::string const tail = stage.messages[0].reply.substr(8);
        stage.say("$JS.ACK._." + hash + "." + tail, "+ACK");
        QCOMPARE(floor_of(stage), QString("1/1"));
    }

    void a_nak_delivers_again_now_or_later() {
        Delivered stage(durable("c"));
        stage.say(stage.messages[0].reply, "-NAK");
        QCOMPARE(stage.received.size(), std::size_t{1});
        QCOMPARE(stage.received[0].reply.substr(0, 18), std::string("$JS.ACK.S.c.2.1.4."));
        QCOMPARE(stage.lines(), std::string("a 0\n"));
        stage.say(stage.messages[1].reply, R"(-NAK {"delay": 2000000000})");
        stage.wait(base::milliseconds(1'900));
        QCOMPARE(stage.lines(), std::string());
        stage.wait(base::milliseconds(200));
        QCOMPARE(stage.lines(), std::string("a 1\n"));
        QCOMPARE(stage.consumer("c").state().redelivered(), std::size_t{2});
    }

    void what_is_not_acked_in_time_comes_again() {
        ConsumerConfig config = durable("c");
        config.acks.wait = base::seconds(2);
        Delivered stage(config);
        stage.wait(base::milliseconds(1'500));
        stage.say(stage.messages[0].reply, "+WPI");
        stage.say(stage.messages[1].reply, "+ACK");
        stage.wait(base::seconds(1));
        QCOMPARE(stage.lines(), std::string("a 2\n"));
        stage.wait(base::seconds(1));
        QCOMPARE(stage.lines(), std::string("a 0\n"));
    }

    void backoff_waits_longer_each_time() {
        ConsumerConfig config = durable("c");
        config.acks.backoff = {base::seconds(1), base::seconds(4)};
        Delivered stage(config);
        stage.say(stage.messages[1].reply);
        stage.say(stage.messages[2].reply);
        std::vector<std::string> at;
        for (int second = 1; second <= 14; ++second) {
            stage.wait(base::seconds(1));
            for (auto const& message : stage.take()) {
                at.push_back(std::to_string(second) + ":" + message.payload);
            }
        }
        QCOMPARE(base::join(at, " "), std::string("1:0 5:0 9:0 13:0"));
    }

    void after_the_last_delivery_it_is_given_up_and_said() {
        ConsumerConfig config = durable("c");
        config.acks.wait = base::seconds(1);
        config.acks.max_deliver = 2;
        Delivered stage(config);
        stage.listen("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.S.c");
        stage.say(stage.messages[1].reply);
        stage.say(stage.messages[2].reply);
        stage.wait(base::seconds(5));
        QCOMPARE(stage.received.size(), std::size_t{2});
        QCOMPARE(stage.received[0].payload, std::string("0"));
        std::string const& said = stage.received[1].payload;
        QVERIFY(said.find(R"("type":"io.nats.jetstream.advisory.v1.max_deliver")") !=
                std::string::npos);
        QVERIFY(said.find(R"("stream_seq":1,"deliveries":2)") != std::string::npos);
        QCOMPARE(floor_of(stage), QString("0/0"));
        QVERIFY(stage.consumer("c").state().pending().empty());
        QCOMPARE(stage.consumer("c").state().redelivered(), std::size_t{1});
    }

    void a_term_ends_it_with_a_reason() {
        Delivered stage(durable("c"));
        stage.listen("$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.S.c");
        stage.say(stage.messages[0].reply, "+TERM not good");
        QCOMPARE(stage.received.size(), std::size_t{1});
        QVERIFY(stage.received[0].payload.find(R"("reason":"not good")") != std::string::npos);
        QCOMPARE(floor_of(stage), QString("1/1"));
    }

    void a_next_acks_and_pulls() {
        Delivered stage(durable("c"));
        stage.wait(base::seconds(1));
        stage.store("a", "3");
        QCOMPARE(stage.lines(), std::string("a 3\n"));  // The first request was not used up.
        stage.say(stage.messages[0].reply, R"(+NXT {"batch":1,"no_wait":true})", "done");
        QCOMPARE(stage.lines(), std::string("404 No Messages\n"));
        QCOMPARE(floor_of(stage), QString("1/1"));
    }

    void a_removed_message_is_waited_for_no_more() {
        Delivered stage(durable("c"));
        stage.do_now([&] { stage.stream->erase(1); });
        QCOMPARE(floor_of(stage), QString("1/1"));
        QCOMPARE(stage.consumer("c").state().pending().size(), std::size_t{2});
    }

    void acks_are_sampled() {
        ConsumerConfig config = durable("c");
        config.acks.sample_frequency = "100%";
        Delivered stage(config);
        stage.listen("$JS.EVENT.METRIC.CONSUMER.ACK.S.c");
        stage.wait(base::seconds(1));
        stage.say(stage.messages[0].reply);
        QCOMPARE(stage.received.size(), std::size_t{1});
        QVERIFY(stage.received[0].payload.find("\"ack_time\":1") != std::string::npos);
    }

    void a_restart_knows_what_was_delivered_and_acked() {
        ConsumerConfig config = durable("c");
        config.acks.wait = base::seconds(2);
        Delivered stage(config);
        stage.say(stage.messages[1].reply);
        stage.restart();
        QCOMPARE(floor_of(stage), QString("0/0"));
        QCOMPARE(stage.consumer("c").state().pending().size(), std::size_t{2});
        stage.take();
        stage.pull("5");
        stage.wait(base::seconds(2));
        QCOMPARE(stage.lines(), std::string("a 0\na 2\n"));
        stage.store("a", "new");
        QCOMPARE(stage.lines(), std::string("a new\n"));
    }

    void what_was_only_in_memory_is_gone_after_a_restart() {
        ConsumerConfig config = durable("c");
        config.memory = true;
        Delivered stage(config);
        stage.create(durable("d"));
        stage.restart();
        stage.wait(base::milliseconds(5));
        QVERIFY(stage.consumers->find("c") == nullptr);
        QVERIFY(stage.consumers->find("d") != nullptr);
    }

    void a_reset_delivers_from_there_again() {
        Delivered stage(durable("c"));
        stage.do_now([&] { stage.consumers->reset("c", 2, {}); });
        stage.wait(base::milliseconds(5));
        QCOMPARE(stage.received.size(), std::size_t{2});
        QCOMPARE(stage.received[0].reply.substr(0, 18), std::string("$JS.ACK.S.c.1.2.1."));
        QCOMPARE(stage.lines(), std::string("a 1\na 2\n"));
    }

    void a_work_queue_loses_what_is_acked() {
        StreamFacts facts;
        facts.retention = Retention::WorkQueue;
        Delivered stage(durable("c"), facts);
        stage.say(stage.messages[1].reply);
        stage.wait(base::milliseconds(5));
        QCOMPARE(stage.stream->store().state().messages, std::uint64_t{2});
        stage.say(stage.messages[0].reply);
        stage.wait(base::milliseconds(5));
        QCOMPARE(stage.stream->store().state().first, std::uint64_t{3});
    }

    void interest_keeps_a_message_until_all_have_acked_it() {
        StreamFacts facts;
        facts.retention = Retention::Interest;
        ConsumerStage stage(facts);
        ConsumerConfig filtered = durable("b");
        filtered.filter_subject = "b";
        stage.create(durable("c"));
        stage.create(durable("d"));
        stage.create(filtered);
        stage.listen("inbox");
        stage.store("a", "1");
        for (char const* const name : {"c", "d"}) {
            stage.pull("1", "inbox", name);
            QCOMPARE(stage.stream->store().state().messages, std::uint64_t{1});
            stage.say(stage.take().at(0).reply);
            stage.wait(base::milliseconds(5));
        }
        QCOMPARE(stage.stream->store().state().messages, std::uint64_t{0});
        // Who goes takes its interest along.
        stage.store("b", "2");
        stage.pull("1", "inbox", "c");
        stage.say(stage.take().at(0).reply);
        stage.pull("1", "inbox", "d");
        stage.say(stage.take().at(0).reply);
        stage.wait(base::milliseconds(5));
        QCOMPARE(stage.stream->store().state().messages, std::uint64_t{1});
        stage.do_now([&] { stage.consumers->remove("b", {}); });
        stage.wait(base::milliseconds(5));
        QCOMPARE(stage.stream->store().state().messages, std::uint64_t{0});
    }
};
SIGNALBOX_TEST(AckTest);

}  // namespace signalbox::jetstream

#include "ack_test.moc"
