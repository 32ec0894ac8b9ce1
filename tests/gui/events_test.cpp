#include "gui/models/event_list_model.h"

#include "tests/support/run_tests.h"

#include <QAbstractItemModelTester>

namespace signalbox::gui {

namespace {

observe::EventRow happened(observe::EventKind kind, std::uint64_t cid,
                           std::string const& text = {}) {
    auto who = std::make_shared<observe::ConnectionIdentity>();
    who->cid = cid;
    who->name = "client-" + std::to_string(cid);
    who->account = cid % 2 == 0 ? "$G" : "SHOP";
    who->ip = "127.0.0.1";
    observe::EventRow row;
    row.kind = kind;
    row.connection = std::move(who);
    row.text = text;
    return row;
}

EventBatch sample() {
    return {happened(observe::EventKind::ConnectionOpened, 1),
            happened(observe::EventKind::ConnectionClosed, 1, "Client Closed"),
            happened(observe::EventKind::AuthenticationFailed, 2),
            happened(observe::EventKind::SlowConsumer, 3, "write deadline"),
            happened(observe::EventKind::ConnectionClosed, 3, "Slow Consumer (Pending Bytes)")};
}

}  // namespace

class EventsTest : public QObject {
    Q_OBJECT

private slots:
    void the_newest_event_is_first() {
        EventListModel model;
        QAbstractItemModelTester const tester(&model);
        model.append(sample());
        QVERIFY(model.refresh());
        QVERIFY(!model.refresh());
        QCOMPARE(model.rowCount(), 5);
        QVERIFY(model.rowAt(0)->event->kind == observe::EventKind::ConnectionClosed);
        model.append({happened(observe::EventKind::ConnectionOpened, 9)});
        model.refresh();
        QCOMPARE(model.rowAt(0)->event->connection->cid, std::uint64_t{9});
        QCOMPARE(model.count(EventCategory::Connections), std::size_t{4});
    }

    void categories_and_text_filter() {
        EventListModel model;
        QAbstractItemModelTester const tester(&model);
        model.append(sample());
        model.refresh();
        model.setShown(EventCategory::Connections, false);
        QCOMPARE(model.rowCount(), 2);
        QVERIFY(model.filtered());
        model.setText(QStringLiteral("DEADLINE"));
        QCOMPARE(model.rowCount(), 1);
        model.setShown(EventCategory::Connections, true);
        model.setText(QStringLiteral("client-3"));
        QCOMPARE(model.rowCount(), 2);
    }

    void groups_count_and_open() {
        EventListModel model;
        QAbstractItemModelTester const tester(&model);
        model.append(sample());
        model.refresh();
        model.setGrouping(EventGrouping::Client);
        QCOMPARE(model.rowCount(), 3);
        QCOMPARE(model.rowAt(0)->group, QStringLiteral("client-3"));
        QCOMPARE(model.rowAt(0)->count, 2);
        model.toggle(0);
        QCOMPARE(model.rowCount(), 5);
        QCOMPARE(model.rowAt(1)->depth, 1);
        // What comes now joins the open group.
        model.append({happened(observe::EventKind::ConnectionOpened, 3)});
        model.refresh();
        QCOMPARE(model.rowCount(), 6);
        model.toggle(0);
        QCOMPARE(model.rowCount(), 3);
    }

    void old_events_make_room() {
        EventListModel model;
        EventBatch batch;
        for (std::uint64_t i = 0; i < EventListModel::kLimit + 10; ++i) {
            batch.push_back(happened(observe::EventKind::ConnectionOpened, i));
        }
        model.append(batch);
        model.refresh();
        QCOMPARE(model.held(), EventListModel::kLimit);
        QCOMPARE(model.count(EventCategory::Connections), EventListModel::kLimit);
        QCOMPARE(model.rowAt(0)->event->connection->cid, EventListModel::kLimit + 9);
    }

    void raw_details_hold_all() {
        QString const json =
            eventJson(happened(observe::EventKind::ConnectionClosed, 3, "Client Closed"));
        for (char const* const part : {"\"cid\": 3", "client-3", "Client Closed", "in_msgs"}) {
            QVERIFY2(json.contains(QLatin1String(part)), part);
        }
    }
};

SIGNALBOX_TEST(EventsTest);

}  // namespace signalbox::gui

#include "events_test.moc"
