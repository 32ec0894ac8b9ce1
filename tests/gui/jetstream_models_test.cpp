#include "gui/dialogs/jetstream/stream_dialog.h"
#include "gui/models/jetstream/consumer_model.h"
#include "gui/models/jetstream/key_model.h"
#include "gui/models/jetstream/object_model.h"
#include "gui/models/jetstream/stored_message_model.h"
#include "gui/models/jetstream/stream_model.h"
#include "gui/models/jetstream/stream_text.h"
#include "gui/models/jetstream/text_diff.h"

#include "tests/support/run_tests.h"

#include <QAbstractItemModelTester>
#include <QJsonArray>

namespace signalbox::gui {

namespace {

base::WallTime const kNow(base::hours(24 * 365));

StreamPtr stream(std::string const& name, std::uint64_t messages) {
    auto one = std::make_shared<host::StreamFacts>();
    one->name = name;
    one->subjects = {name + ".>"};
    one->state.messages = messages;
    return one;
}

host::ConsumerFacts consumer() {
    host::ConsumerFacts one;
    one.stream = "S";
    one.name = "c";
    one.settings.durable = "c";
    one.settings.ack_policy = "explicit";
    one.settings.ack_wait = base::seconds(30);
    one.settings.max_ack_pending = 1'000;
    one.state.delivered.last_active = kNow;
    one.state.ack_floor.last_active = kNow;
    return one;
}

host::StoredMessagePtr message(std::uint64_t sequence, std::string payload,
                               std::string headers = {}) {
    auto one = std::make_shared<host::StoredMessage>();
    one->sequence = sequence;
    one->payload = std::move(payload);
    one->headers = std::move(headers);
    return one;
}

}  // namespace

/// What the pages about JetStream know, without a window.
class JetStreamModelsTest : public QObject {
    Q_OBJECT

private slots:
    void spans_are_read_as_people_write_them_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<qint64>("seconds");
        auto const row = [](char const* text, qint64 seconds) {
            QTest::newRow(text) << QString::fromUtf8(text) << seconds;
        };
        row("90s", 90);
        row("10m", 600);
        row("1h 30min", 5'400);
        row("1.5h", 5'400);
        row("7d", 604'800);
        row("", 0);
        row("none", 0);
        row("ten", -1);
        row("10", -1);
        row("10 parsecs", -1);
    }

    void spans_are_read_as_people_write_them() {
        QFETCH(QString, text);
        QFETCH(qint64, seconds);
        std::optional<base::Duration> const span = parseSpan(text);
        QCOMPARE(span ? static_cast<qint64>(span->count() / 1'000'000'000) : -1, seconds);
        if (span && seconds > 0) {
            QVERIFY(parseSpan(spanText(*span)) == span);
        }
    }

    void amounts_are_read_with_their_units_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<qint64>("amount");
        QTest::newRow("plain") << QStringLiteral("1000") << qint64(1'000);
        QTest::newRow("kilo") << QStringLiteral("10 k") << qint64(10'000);
        QTest::newRow("bytes") << QStringLiteral("500 MB") << qint64(500'000'000);
        QTest::newRow("of 1024") << QStringLiteral("2 Gi") << (qint64(2) << 30);
        QTest::newRow("nothing") << QString() << qint64(-1);
        QTest::newRow("words") << QStringLiteral("many") << qint64(-2);
    }

    void amounts_are_read_with_their_units() {
        QFETCH(QString, text);
        QFETCH(qint64, amount);
        QCOMPARE(parseAmount(text).value_or(-2), amount);
        if (amount > 0) {
            QCOMPARE(parseAmount(amountText(amount)).value_or(-2), amount);
        }
    }

    void what_a_lower_limit_deletes_is_said() {
        host::StreamState state;
        state.messages = 320;
        state.bytes = 34'000;
        state.subjects = 2;
        state.first_time = kNow + base::Duration(-base::hours(48));
        state.last_time = kNow;
        QJsonObject const before{{QStringLiteral("name"), QStringLiteral("S")},
                                 {QStringLiteral("max_msgs"), -1}};
        auto const with = [&](char const* key, QJsonValue const& value) {
            QJsonObject after = before;
            after.insert(QLatin1String(key), value);
            return consequencesOf(before, after, state, kNow);
        };
        QVERIFY(consequencesOf(before, before, state, kNow).none());
        QCOMPARE(with("max_msgs", 300).deletes,
                 QStringList{QStringLiteral("Deletes the oldest 20 of 320 messages at once.")});
        QVERIFY(with("max_msgs", 320).none());
        QCOMPARE(with("max_bytes", 1'000).deletes.size(), 1);
        QCOMPARE(with("max_age", qint64(86'400'000'000'000)).deletes.size(), 1);
        QVERIFY(with("max_age", qint64(864'000'000'000'000)).none());
        QVERIFY(with("max_msgs_per_subject", 5).deletes.first().contains(QStringLiteral("10")));
        QCOMPARE(with("storage", QStringLiteral("memory")).refused.size(), 1);
        QCOMPARE(with("subjects", QJsonArray{QStringLiteral("a")}).others.size(), 1);
    }

    void why_a_consumer_is_stuck_is_said_in_words() {
        host::ConsumerFacts one = consumer();
        QVERIFY(stuckReason(one, kNow).isEmpty());
        base::WallTime const later = kNow + base::minutes(10);
        one.state.pending = 5;
        QVERIFY(stuckReason(one, kNow).isEmpty());
        QVERIFY(stuckReason(one, later).contains(QStringLiteral("no pull request is open")));
        one.state.waiting = 1;
        QVERIFY(stuckReason(one, later).isEmpty());
        one.state.ack_pending = 3;
        QVERIFY(stuckReason(one, later).contains(QStringLiteral("not acked for more than")));
        QVERIFY(stuckReason(one, kNow).isEmpty());
        one.state.ack_pending = 1'000;
        QVERIFY(stuckReason(one, kNow).contains(QStringLiteral("wait for an ack")));
        one.state.paused = true;
        QVERIFY(stuckReason(one, kNow).contains(QStringLiteral("paused")));
        one = consumer();
        one.settings.deliver_subject = "to.me";
        one.state.pending = 1;
        QVERIFY(stuckReason(one, kNow).contains(QStringLiteral("nobody is subscribed to to.me")));
    }

    void streams_are_filtered_and_sorted() {
        StreamModel model;
        QAbstractItemModelTester const tester(&model);
        model.show({stream("B", 3), stream("KV_a", 9), stream("C", 1)});
        QCOMPARE(model.rowCount(), 3);
        QCOMPARE((*model.rowAt(0))->name, std::string("B"));
        model.setSort({.column = StreamModel::Messages, .order = Qt::DescendingOrder});
        QCOMPARE((*model.rowAt(0))->name, std::string("KV_a"));
        QCOMPARE(model.index(0, 0).data(BadgesRole).value<Badges>().size(), 1U);
        model.setFilter(QStringLiteral("c.>"));
        QCOMPARE(model.rowCount(), 1);
        model.show({stream("C", 2), stream("D", 2)});
        QCOMPARE(model.rowCount(), 1);
        QVERIFY(model.find(QStringLiteral("D")) != nullptr);
    }

    void ten_thousand_streams_are_shown_at_once() {
        std::vector<StreamPtr> many;
        for (std::uint64_t i = 0; i < 10'000; ++i) {
            many.push_back(stream("S" + std::to_string(i), i));
        }
        StreamModel model;
        model.show(many);
        model.setFilter(QStringLiteral("S99"));
        QCOMPARE(model.rowCount(), 111);
    }

    void what_a_key_holds_is_told_once_it_was_read() {
        KeyModel model;
        QAbstractItemModelTester const tester(&model);
        model.show({{"a", 2}, {"b", 1}});
        QCOMPARE(model.index(0, KeyModel::Value).data().toString(), QStringLiteral("…"));
        model.learn("a", message(7, "seven"));
        model.learn("b", message(8, "", "NATS/1.0\r\nKV-Operation: DEL\r\n\r\n"));
        model.learned();
        QCOMPARE(model.index(0, KeyModel::Value).data().toString(), QStringLiteral("seven"));
        QCOMPARE(model.index(0, KeyModel::Revision).data().toString(), QStringLiteral("7"));
        QCOMPARE(model.index(1, 0).data(BadgesRole).value<Badges>().front().text,
                 QStringLiteral("deleted"));
        QVERIFY(keyState(*message(1, "", "NATS/1.0\r\nNats-Marker-Reason: MaxAge\r\n\r\n")) ==
                KeyState::Expired);
    }

    void an_object_is_read_from_its_description() {
        QVERIFY(!readObject(*message(1, "no json")));
        std::optional<ObjectRow> const row =
            readObject(*message(1, R"({"name":"a","size":300,"chunks":3,"nuid":"N",)"
                                   R"("options":{"link":{"bucket":"b","name":"c"}}})"));
        QVERIFY(row.has_value());
        QCOMPARE(row->size, 300U);
        QCOMPARE(row->link, QStringLiteral("b/c"));
    }

    void a_difference_keeps_what_is_common() {
        std::vector<DiffLine> const lines =
            diffLines(QStringLiteral("a\nb\nc"), QStringLiteral("a\nx\nc\nd"));
        QString text;
        for (DiffLine const& line : lines) {
            text += line.kind == DiffLine::Kind::Same   ? QLatin1Char(' ')
                    : line.kind == DiffLine::Kind::Gone ? QLatin1Char('-')
                                                        : QLatin1Char('+');
            text += line.text;
        }
        QCOMPARE(text, QStringLiteral(" a-b+x c+d"));
        QVERIFY(diffLines({}, {}).empty());
    }

    void a_preview_is_one_line_of_text_or_bytes() {
        QCOMPARE(payloadPreview("a\n  b"), QStringLiteral("a b"));
        QCOMPARE(payloadPreview(std::string("\x00\xff", 2)), QStringLiteral("00 ff"));
        std::string const umlauts = [] {
            std::string all;
            for (int i = 0; i < 200; ++i) {
                all += "ä";
            }
            return "x" + all;
        }();
        QVERIFY(payloadPreview(umlauts).startsWith(QStringLiteral("xäää")));
    }

    void a_bucket_is_made_as_the_convention_wants() {
        QJsonObject const made = bucketSettings(
            {.name = QStringLiteral("b"), .history = 5, .age = base::minutes(1), .markers = true});
        QCOMPARE(made.value(QStringLiteral("name")).toString(), QStringLiteral("KV_b"));
        QCOMPARE(made.value(QStringLiteral("max_msgs_per_subject")).toInt(), 5);
        QCOMPARE(made.value(QStringLiteral("duplicate_window")).toInteger(), 60'000'000'000);
        QVERIFY(made.value(QStringLiteral("deny_delete")).toBool());
        QVERIFY(made.value(QStringLiteral("allow_msg_ttl")).toBool());
        QJsonObject const store = objectStoreSettings({.name = QStringLiteral("o")});
        QCOMPARE(store.value(QStringLiteral("subjects")).toArray().size(), 2);
    }
};

SIGNALBOX_TEST(JetStreamModelsTest);

}  // namespace signalbox::gui

#include "jetstream_models_test.moc"
