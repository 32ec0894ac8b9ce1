#include "engine/jetstream/consumer/consumer_rules.h"

#include "tests/support/run_tests.h"

namespace signalbox::jetstream {
namespace {

/// Texts here have simple quotes: moc loses its way in raw strings.
std::string doubled(std::string text) {
    std::ranges::replace(text, '\'', '"');
    return text;
}

Result<ConsumerConfig> read(std::string const& json) {
    return read_consumer_config(Json::parse(doubled(json)).value(), UnknownFields::Refuse);
}

StreamFacts facts_of(Retention retention) {
    StreamFacts facts;
    facts.name = "S";
    facts.retention = retention;
    facts.subjects = {"a.>"};
    return facts;
}

}  // namespace

/// What consumers may be made with.
class ConsumerConfigTest : public QObject {
    Q_OBJECT

private slots:
    void it_is_written_as_it_was_read() {
        std::string const json =
            "{'durable_name':'d','name':'d','description':'x','deliver_policy':'by_start_time',"
            "'opt_start_time':'2026-01-02T03:04:05.000000006Z','ack_policy':'explicit',"
            "'ack_wait':5,'max_deliver':7,'backoff':[1,2],'filter_subjects':['a','b'],"
            "'replay_policy':'original','sample_freq':'50%','max_waiting':9,"
            "'max_ack_pending':10,'headers_only':true,'max_batch':11,'max_expires':12,"
            "'max_bytes':13,'inactive_threshold':14,'num_replicas':1,'mem_storage':true,"
            "'metadata':{'k':'v'},'pause_until':'2030-01-01T00:00:00Z',"
            "'priority_groups':['g'],'priority_policy':'pinned_client',"
            "'priority_timeout':15}";
        Result<ConsumerConfig> const config = read(json);
        QVERIFY2(config.ok(), config.ok() ? "" : config.error().detail().c_str());
        JsonWriter out;
        write_consumer_config(out, config.value(), {});
        QCOMPARE(out.text(), doubled(json));
    }

    void what_is_no_configuration_is_told_in_the_words_clients_know_data() {
        QTest::addColumn<QString>("json");
        QTest::addColumn<QString>("text");
        auto const row = [](char const* json, char const* text) {
            QTest::newRow(json) << QString(json) << QString(text);
        };
        row("{'max_deliver':'x'}",
            "json: cannot unmarshal string into Go struct field "
            "ConsumerConfig.config.max_deliver of type int");
        row("{'deliver_policy':'x'}", "can not unmarshal '\\'x\\''");
        row("{'ack_policy':7}", "can not unmarshal '7'");
        row("{'foo':'x'}", "json: unknown field 'foo'");
        row("{'priority_policy':'foo'}", "unknown priority policy: 'foo'");
        row("{'opt_start_time':'foo'}",
            "parsing time 'foo' as '2006-01-02T15:04:05Z07:00': cannot parse 'foo' as '2006'");
    }
    void what_is_no_configuration_is_told_in_the_words_clients_know() {
        QFETCH(QString, json);
        QFETCH(QString, text);
        Result<ConsumerConfig> const config = read(json.toStdString());
        QVERIFY(!config.ok());
        QCOMPARE(config.error().detail(), doubled(text.toStdString()));
    }

    void what_may_not_be_is_refused_data() {
        QTest::addColumn<int>("retention");
        QTest::addColumn<QString>("json");
        QTest::addColumn<int>("error");
        auto const row = [](char const* json, int error, Retention retention = Retention::Limits) {
            QTest::newRow(json) << static_cast<int>(retention) << QString(json) << error;
        };
        row("{'num_replicas':-1}", 10133);
        row("{'ack_policy':'explicit','ack_wait':-1}", 10183);
        row("{'ack_policy':'explicit','backoff':[-1]}", 10184);
        row("{'ack_policy':'explicit','max_deliver':1,'backoff':[1,2]}", 10116);
        row("{'filter_subject':'a','filter_subjects':['b']}", 10136);
        row("{'filter_subjects':['a.*','a.b']}", 10138);
        row("{'filter_subjects':['a','']}", 10139);
        row("{'filter_subject':'a..b'}", 10052);
        row("{'sample_freq':'x'}", 10095);
        row("{'deliver_policy':'by_start_sequence'}", 10094);
        row("{'deliver_policy':'last_per_subject'}", 10094);
        row("{'deliver_subject':'f.*'}", 10079);
        row("{'deliver_subject':'f..x'}", 10112);
        row("{'deliver_subject':'a.b'}", 10081);
        row("{'deliver_subject':'f','max_waiting':1}", 10080);
        row("{'deliver_subject':'f','max_ack_pending':1}", 10082);
        row("{'deliver_subject':'f','idle_heartbeat':1}", 10083);
        row("{'deliver_subject':'f','flow_control':true}", 10108);
        row("{'rate_limit_bps':1}", 10086);
        row("{'idle_heartbeat':1000000000}", 10088);
        row("{'flow_control':true}", 10089);
        row("{'max_expires':1}", 10115);
        row("{'direct':true}", 10090);
        row("{'direct':true,'durable_name':'d','deliver_subject':'f'}", 10091);
        row("{'priority_policy':'overflow'}", 10159);
        row("{'priority_policy':'overflow','priority_groups':['']}", 10161);
        row("{'priority_policy':'overflow','priority_groups':['a b']}", 10162);
        row("{'priority_groups':['a']}", 10196);
        row("{'priority_timeout':1}", 10197);
        row("{'ack_policy':'none'}", 10084, Retention::WorkQueue);
        row("{'ack_policy':'all'}", 10098, Retention::WorkQueue);
        row("{'ack_policy':'explicit','deliver_policy':'new'}", 10101, Retention::WorkQueue);
    }
    void what_may_not_be_is_refused() {
        QFETCH(int, retention);
        QFETCH(QString, json);
        QFETCH(int, error);
        StreamFacts const facts = facts_of(static_cast<Retention>(retention));
        ConsumerConfig const config = with_defaults(read(json.toStdString()).value(), facts);
        Refusal const refusal = check_config(config, facts);
        QVERIFY(refusal.has_value());
        QCOMPARE(static_cast<int>(refusal->err_code), error);
    }

    void the_stream_limits_its_consumers() {
        StreamFacts facts = facts_of(Retention::Limits);
        facts.consumer_max_ack_pending = 50;
        facts.consumer_inactive_threshold = base::hours(1);
        ConsumerConfig config;
        config.acks.policy = AckPolicy::Explicit;
        QCOMPARE(with_defaults(config, facts).acks.max_pending, std::int64_t{50});
        QVERIFY(with_defaults(config, facts).inactive_threshold == base::hours(1));
        config.acks.max_pending = 51;
        QCOMPARE(check_config(with_defaults(config, facts), facts)->description,
                 std::string("consumer max ack pending exceeds system limit of 50"));
        config.acks.max_pending = 5;
        config.inactive_threshold = base::hours(2);
        QCOMPARE(check_config(with_defaults(config, facts), facts)->description,
                 std::string("consumer inactive threshold exceeds system limit of 1h0m0s"));
    }

    void a_work_queue_has_one_reader_for_each_message() {
        StreamFacts const facts = facts_of(Retention::WorkQueue);
        ConsumerConfig one;
        one.filter_subject = "a.1";
        ConsumerConfig other;
        other.filter_subject = "a.*";
        ConsumerConfig const all;
        QCOMPARE(check_beside_others(other, facts, {&one})->err_code,
                 ApiErrc::ConsumerWQConsumerNotUnique);
        QCOMPARE(check_beside_others(all, facts, {&one})->err_code,
                 ApiErrc::ConsumerWQMultipleUnfiltered);
        other.filter_subject = "a.2";
        QVERIFY(!check_beside_others(other, facts, {&one}));
    }

    void some_things_stay_as_they_were_made() {
        ConsumerConfig was;
        was.acks.policy = AckPolicy::Explicit;
        ConsumerConfig wanted = was;
        wanted.description = "another";
        wanted.acks.wait = base::seconds(9);
        QVERIFY(!check_update(was, wanted));
        QVERIFY(!same_request(was, wanted));
        wanted.start.policy = DeliverPolicy::New;
        Refusal const refusal = check_update(was, wanted);
        QCOMPARE(static_cast<int>(refusal->err_code), 10012);
        QCOMPARE(refusal->description, std::string("deliver policy can not be updated"));
    }

    void filters_collide_when_some_subject_is_matched_by_both() {
        QVERIFY(filters_collide("a.*", "*.b"));
        QVERIFY(filters_collide("a.>", "a.b.c"));
        QVERIFY(filters_collide(">", "x"));
        QVERIFY(!filters_collide("a.>", "a"));
        QVERIFY(!filters_collide("a.*.c", "a.b.d"));
        QVERIFY(!filters_collide("a.b", "a"));
    }
};
SIGNALBOX_TEST(ConsumerConfigTest);

}  // namespace signalbox::jetstream

#include "config_test.moc"
