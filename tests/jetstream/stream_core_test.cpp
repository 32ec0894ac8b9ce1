#include "tests/jetstream/core_stage.h"
#include "tests/support/run_tests.h"

namespace signalbox::jetstream {

using base::minutes;
using base::seconds;

class StreamCoreTest : public QObject {
    Q_OBJECT
private slots:
    void messages_are_numbered_in_their_order() {
        CoreStage stage;
        QCOMPARE(stage.publish("s.a", "1").sequence, std::uint64_t{1});
        QCOMPARE(stage.publish("s.b", "2").sequence, std::uint64_t{2});
        QCOMPARE(stage.messages(), std::string("1:s.a:1 2:s.b:2"));
    }

    void a_stream_may_begin_later() {
        CoreStage stage([](StreamConfig& c) { c.first_sequence = 100; });
        QCOMPARE(stage.publish("s.a").sequence, std::uint64_t{100});
    }

    // They may have taken up to one sequence each, or a thousand where batches are allowed.
    void entries_that_are_damaged_leave_their_sequences_out() {
        CoreStage stage;
        stage.publish("s.a", "1");
        stage.core->leave_out(3);
        QCOMPARE(stage.publish("s.a", "2").sequence, std::uint64_t{5});
        QCOMPARE(stage.messages(), std::string("1:s.a:1 5:s.a:2"));
        CoreStage batches([](StreamConfig& c) { c.allow_atomic = true; });
        batches.core->leave_out(1);
        QCOMPARE(batches.publish("s.a", "1").sequence, std::uint64_t{1'001});
    }

    void an_id_is_stored_once_within_the_window() {
        CoreStage stage([](StreamConfig& c) { c.duplicate_window = minutes(1); });
        QVERIFY(!stage.publish("s.a", "1", {{"Nats-Msg-Id", "x"}}).duplicate);
        Outcome const again = stage.publish("s.a", "2", {{"Nats-Msg-Id", "x"}});
        QVERIFY(again.duplicate);
        QCOMPARE(again.sequence, std::uint64_t{1});
        stage.pass(minutes(2));
        QCOMPARE(stage.publish("s.a", "3", {{"Nats-Msg-Id", "x"}}).sequence, std::uint64_t{2});
    }

    void the_oldest_make_room() {
        CoreStage stage([](StreamConfig& c) { c.max_messages = 2; });
        for (char const* payload : {"1", "2", "3"}) {
            stage.publish("s.a", payload);
        }
        QCOMPARE(stage.messages(), std::string("2:s.a:2 3:s.a:3"));
    }

    void a_subject_keeps_its_newest() {
        CoreStage stage([](StreamConfig& c) { c.max_messages_per_subject = 1; });
        stage.publish("s.a", "1");
        stage.publish("s.b", "2");
        stage.publish("s.a", "3");
        QCOMPARE(stage.messages(), std::string("2:s.b:2 3:s.a:3"));
    }

    void a_full_stream_may_refuse_instead() {
        CoreStage stage([](StreamConfig& c) {
            c.max_messages = 1;
            c.discard = Discard::New;
        });
        stage.publish("s.a");
        QCOMPARE(error_of(stage.publish("s.a")), 10'077);
        CoreStage bytes([](StreamConfig& c) {
            c.max_bytes = 30;
            c.discard = Discard::New;
        });
        QCOMPARE(error_of(bytes.publish("s.a", "12345678")), 0);
        QCOMPARE(error_of(bytes.publish("s.a", "12345678")), 10'077);
        CoreStage subject([](StreamConfig& c) {
            c.max_messages_per_subject = 1;
            c.discard = Discard::New;
            c.discard_new_per_subject = true;
        });
        QCOMPARE(error_of(subject.publish("s.a")), 0);
        QCOMPARE(error_of(subject.publish("s.a")), 10'077);
        QCOMPARE(error_of(subject.publish("s.b")), 0);
    }

    void what_is_expected_is_checked_as_it_is_applied_data() {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<int>("error");
        QTest::newRow("stream") << QByteArray("Nats-Expected-Stream") << QByteArray("T") << 10'060;
        QTest::newRow("this stream") << QByteArray("Nats-Expected-Stream") << QByteArray("S") << 0;
        QTest::newRow("last") << QByteArray("Nats-Expected-Last-Sequence") << QByteArray("1")
                              << 10'071;
        QTest::newRow("the last") << QByteArray("Nats-Expected-Last-Sequence") << QByteArray("2")
                                  << 0;
        QTest::newRow("id") << QByteArray("Nats-Expected-Last-Msg-Id") << QByteArray("a") << 10'070;
        QTest::newRow("the id") << QByteArray("Nats-Expected-Last-Msg-Id") << QByteArray("b") << 0;
        QTest::newRow("subject") << QByteArray("Nats-Expected-Last-Subject-Sequence")
                                 << QByteArray("2") << 10'071;
        QTest::newRow("the subject")
            << QByteArray("Nats-Expected-Last-Subject-Sequence") << QByteArray("1") << 0;
        QTest::newRow("no number")
            << QByteArray("Nats-Expected-Last-Sequence") << QByteArray("x") << 10'071;
        QTest::newRow("filter alone") << QByteArray("Nats-Expected-Last-Subject-Sequence-Subject")
                                      << QByteArray("s.>") << 10'193;
        QTest::newRow("lifetime") << QByteArray("Nats-TTL") << QByteArray("5s") << 10'166;
        QTest::newRow("counter") << QByteArray("Nats-Incr") << QByteArray("1") << 10'168;
        QTest::newRow("rollup") << QByteArray("Nats-Rollup") << QByteArray("sub") << 10'111;
        QTest::newRow("source") << QByteArray("Nats-Stream-Source") << QByteArray("x") << 10'227;
    }
    void what_is_expected_is_checked_as_it_is_applied() {
        QFETCH(QByteArray, header);
        QFETCH(QByteArray, value);
        QFETCH(int, error);
        CoreStage stage;
        stage.publish("s.a", "1");
        stage.publish("s.b", "2", {{"Nats-Msg-Id", "b"}});
        QCOMPARE(error_of(stage.publish("s.a", "3", {{header.toStdString(), value.toStdString()}})),
                 error);
    }

    void an_expectation_may_be_of_all_that_a_filter_matches() {
        CoreStage stage;
        stage.publish("s.a");
        stage.publish("s.b");
        auto const expecting = [&](char const* sequence) {
            return error_of(
                stage.publish("s.a", "x",
                              {{"Nats-Expected-Last-Subject-Sequence", sequence},
                               {"Nats-Expected-Last-Subject-Sequence-Subject", "s.*"}}));
        };
        QCOMPARE(expecting("1"), 10'071);
        QCOMPARE(expecting("2"), 0);
    }

    void a_rollup_takes_the_place_of_what_was_before() {
        CoreStage stage([](StreamConfig& c) { c.allow_rollup = true; });
        stage.publish("s.a", "1");
        stage.publish("s.b", "2");
        stage.publish("s.a", "3", {{"Nats-Rollup", "sub"}});
        QCOMPARE(stage.messages(), std::string("2:s.b:2 3:s.a:3"));
        stage.publish("s.c", "4", {{"Nats-Rollup", "all"}});
        QCOMPARE(stage.messages(), std::string("4:s.c:4"));
        QCOMPARE(error_of(stage.publish("s.a", "x", {{"Nats-Rollup", "some"}})), 10'111);
    }

    void a_purge_takes_what_it_is_told_data() {
        QTest::addColumn<QByteArray>("filter");
        QTest::addColumn<int>("sequence");
        QTest::addColumn<int>("keep");
        QTest::addColumn<QByteArray>("left");
        QTest::newRow("all") << QByteArray() << 0 << 0 << QByteArray();
        QTest::newRow("before") << QByteArray() << 3 << 0 << QByteArray("3:s.a:3 4:s.b:4 5:s.a:5");
        QTest::newRow("keep") << QByteArray() << 0 << 2 << QByteArray("4:s.b:4 5:s.a:5");
        QTest::newRow("keep more")
            << QByteArray() << 0 << 9 << QByteArray("1:s.a:1 2:s.b:2 3:s.a:3 4:s.b:4 5:s.a:5");
        QTest::newRow("filter") << QByteArray("s.a") << 0 << 0 << QByteArray("2:s.b:2 4:s.b:4");
        QTest::newRow("filter, before")
            << QByteArray("s.a") << 4 << 0 << QByteArray("2:s.b:2 4:s.b:4 5:s.a:5");
        QTest::newRow("filter, keep")
            << QByteArray("s.a") << 0 << 1 << QByteArray("2:s.b:2 4:s.b:4 5:s.a:5");
        QTest::newRow("wildcard, keep")
            << QByteArray("s.*") << 0 << 2 << QByteArray("4:s.b:4 5:s.a:5");
        QTest::newRow("nothing") << QByteArray("s.z") << 0 << 0
                                 << QByteArray("1:s.a:1 2:s.b:2 3:s.a:3 4:s.b:4 5:s.a:5");
    }
    void a_purge_takes_what_it_is_told() {
        QFETCH(QByteArray, filter);
        QFETCH(int, sequence);
        QFETCH(int, keep);
        QFETCH(QByteArray, left);
        CoreStage stage;
        int number = 0;
        for (char const* subject : {"s.a", "s.b", "s.a", "s.b", "s.a"}) {
            stage.publish(subject, std::to_string(++number));
        }
        Outcome const outcome = stage.apply(PurgeCommand{std::string_view(filter.constData()),
                                                         static_cast<std::uint64_t>(sequence),
                                                         static_cast<std::uint64_t>(keep)});
        QCOMPARE(QByteArray::fromStdString(stage.messages()), left);
        QCOMPARE(outcome.count, 5 - stage.store->state().messages);
        QCOMPARE(stage.publish("s.a").sequence, std::uint64_t{6});
    }

    void one_message_may_be_erased() {
        CoreStage stage;
        stage.publish("s.a", "1");
        stage.publish("s.a", "2");
        QCOMPARE(error_of(stage.apply(EraseCommand{1, true})), 0);
        QCOMPARE(error_of(stage.apply(EraseCommand{1, true})), 10'057);
        QCOMPARE(error_of(stage.apply(EraseCommand{9, true})), 10'057);
        QCOMPARE(stage.messages(), std::string("2:s.a:2"));
        CoreStage kept([](StreamConfig& c) {
            c.deny_delete = true;
            c.deny_purge = true;
        });
        kept.publish("s.a");
        QCOMPARE(error_of(kept.apply(EraseCommand{1, true})), 10'057);
        QCOMPARE(error_of(kept.apply(PurgeCommand{})), 10'110);
    }

    void what_is_too_old_goes() {
        CoreStage stage([](StreamConfig& c) { c.max_age = seconds(10); });
        stage.publish("s.a", "1");
        stage.pass(seconds(6));
        stage.publish("s.a", "2");
        QVERIFY(stage.core->next_expiry() == stage.now + seconds(4));
        stage.pass(seconds(4));
        stage.expire();
        QCOMPARE(stage.messages(), std::string("2:s.a:2"));
    }

    void a_message_may_have_a_lifetime_of_its_own() {
        CoreStage stage([](StreamConfig& c) {
            c.max_age = seconds(10);
            c.allow_ttl = true;
        });
        stage.publish("s.a", "1", {{"Nats-TTL", "2"}});
        stage.publish("s.b", "2", {{"Nats-TTL", "never"}});
        stage.publish("s.c", "3");
        QCOMPARE(error_of(stage.publish("s.c", "3", {{"Nats-TTL", "10ms"}})), 10'165);
        stage.pass(seconds(2));
        stage.expire();
        QCOMPARE(stage.messages(), std::string("2:s.b:2 3:s.c:3"));
        stage.pass(seconds(10));
        stage.expire();
        QCOMPARE(stage.messages(), std::string("2:s.b:2"));
    }

    void the_last_of_a_subject_leaves_a_marker() {
        CoreStage stage([](StreamConfig& c) {
            c.allow_ttl = true;
            c.delete_marker_ttl = minutes(1);
        });
        stage.publish("s.a", "1", {{"Nats-TTL", "2s"}});
        QVERIFY(stage.headers_at(1).find("Nats-TTL: 60") != std::string::npos);
        stage.pass(minutes(1));
        stage.expire();
        QCOMPARE(stage.messages(), std::string("2:s.a:"));
        QCOMPARE(stage.headers_at(2),
                 std::string("NATS/1.0\r\nNats-Marker-Reason: MaxAge\r\nNats-TTL: "
                             "1m0s\r\nNats-Rollup: sub\r\n\r\n"));
        stage.pass(minutes(1));
        stage.expire();
        QCOMPARE(stage.messages(), std::string());
    }

    void a_counter_adds_up_whatever_its_length() {
        CoreStage stage([](StreamConfig& c) { c.counter = true; });
        QCOMPARE(error_of(stage.publish("s.a", "")), 10'169);
        QCOMPARE(error_of(stage.publish("s.a", "x", {{"Nats-Incr", "1"}})), 10'170);
        QCOMPARE(error_of(stage.publish("s.a", "", {{"Nats-Incr", "x"}})), 10'171);
        QCOMPARE(stage.publish("s.a", "", {{"Nats-Incr", "99999999999999999999"}}).value,
                 std::string("99999999999999999999"));
        QCOMPARE(stage.publish("s.a", "", {{"Nats-Incr", "1"}}).value,
                 std::string("100000000000000000000"));
        QCOMPARE(stage.publish("s.a", "", {{"Nats-Incr", "-100000000000000000001"}}).value,
                 std::string("-1"));
        QCOMPARE(stage.publish("s.b", "", {{"Nats-Incr", "+7"}}).value, std::string("7"));
    }

    void a_sealed_stream_takes_nothing() {
        CoreStage stage;
        StreamConfig config = stage.core->config();
        config.sealed = true;
        JsonWriter json;
        write(json, config);
        QVERIFY(stage.apply(UpdateCommand{json.text()}).reconfigured);
        QCOMPARE(error_of(stage.publish("s.a")), 10'109);
        QCOMPARE(error_of(stage.apply(PurgeCommand{})), 10'109);
    }

    void lower_limits_hold_at_once() {
        CoreStage stage;
        for (char const* subject : {"s.a", "s.a", "s.b", "s.b", "s.b"}) {
            stage.publish(subject);
        }
        StreamConfig config = stage.core->config();
        config.max_messages_per_subject = 1;
        JsonWriter json;
        write(json, config);
        stage.apply(UpdateCommand{json.text()});
        QCOMPARE(stage.messages(), std::string("2:s.a:x 5:s.b:x"));
    }

    void a_batch_is_stored_whole_or_not_at_all() {
        CoreStage stage([](StreamConfig& c) {
            c.duplicate_window = minutes(1);
            c.allow_atomic = true;
        });
        stage.publish("s.a", "0", {{"Nats-Msg-Id", "old"}});
        std::string const id = CoreStage::headers_of({{"Nats-Msg-Id", "new"}});
        std::string const seen = CoreStage::headers_of({{"Nats-Msg-Id", "old"}});
        BatchCommand batch{"b", {{"s.a", id, "1"}, {"s.b", seen, "2"}}};
        QCOMPARE(error_of(stage.apply(batch)), 10'201);
        QCOMPARE(stage.messages(), std::string("1:s.a:0"));
        batch.messages[1].headers = {};
        Outcome const stored = stage.apply(batch);
        QCOMPARE(stored.sequence, std::uint64_t{3});
        QCOMPARE(stored.count, std::uint64_t{2});
        QCOMPARE(stored.batch, std::string("b"));
        QCOMPARE(stage.messages(), std::string("1:s.a:0 2:s.a:1 3:s.b:2"));
        std::string const late = CoreStage::headers_of({{"Nats-Expected-Last-Sequence", "3"}});
        QCOMPARE(error_of(stage.apply(BatchCommand{"c", {{"s.a", {}, ""}, {"s.a", late, ""}}})),
                 10'164);
    }

    void counters_of_a_batch_follow_each_other() {
        CoreStage stage([](StreamConfig& c) {
            c.counter = true;
            c.allow_atomic = true;
        });
        std::string const one = CoreStage::headers_of({{"Nats-Incr", "1"}});
        Outcome const outcome =
            stage.apply(BatchCommand{"b", {{"s.a", one, {}}, {"s.b", one, {}}, {"s.a", one, {}}}});
        QCOMPARE(outcome.value, std::string("2"));
        QCOMPARE(stage.messages(), std::string("1:s.a:{\"val\":\"1\"} 2:s.b:{\"val\":\"1\"} "
                                               "3:s.a:{\"val\":\"2\"}"));
    }

    // All but the messages comes back from what was saved.
    void a_state_that_was_saved_goes_on_where_it_was() {
        CoreStage stage([](StreamConfig& c) {
            c.duplicate_window = minutes(1);
            c.allow_ttl = true;
        });
        stage.publish("s.a", "1", {{"Nats-Msg-Id", "x"}, {"Nats-TTL", "5s"}});
        std::string saved;
        stage.core->save(saved);
        StreamCore again({}, *stage.store);
        Unpacking in(saved);
        QVERIFY(again.restore(in).ok());
        QVERIFY(in.at_end());
        QVERIFY(again.config() == stage.core->config());
        QVERIFY(again.next_expiry() == stage.core->next_expiry());
        QVERIFY(again
                    .apply(encode(stage.now,
                                  PublishCommand{"s.a", "NATS/1.0\r\nNats-Msg-Id: x\r\n\r\n", "2"}))
                    .value()
                    .duplicate);
        for (std::size_t size = 0; size < saved.size(); ++size) {
            Unpacking part(Bytes(saved).substr(0, size));
            QVERIFY(!StreamCore({}, *stage.store).restore(part).ok());
        }
    }

    void an_entry_that_is_none_is_corrupt() {
        CoreStage stage;
        QCOMPARE(stage.core->apply("").error().code(), Errc::Corrupt);
        QCOMPARE(stage.core->apply("\x09 more than enough of it").error().code(), Errc::Corrupt);
        QCOMPARE(stage.core->apply("\x02 cut").error().code(), Errc::Corrupt);
    }
};
SIGNALBOX_TEST(StreamCoreTest);

}  // namespace signalbox::jetstream

#include "stream_core_test.moc"
