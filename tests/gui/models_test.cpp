#include "gui/models/busy_model.h"
#include "gui/models/closed_connection_model.h"
#include "gui/models/connection_model.h"
#include "gui/models/event_model.h"
#include "gui/models/figures.h"
#include "gui/models/fuzzy.h"
#include "gui/models/history_text.h"
#include "gui/models/log_model.h"
#include "gui/models/payload_text.h"
#include "gui/models/sent_model.h"
#include "gui/models/subject_tree_model.h"
#include "gui/models/tap_model.h"
#include "gui/models/traffic_history.h"

#include "tests/gui/fake_source.h"
#include "tests/support/run_tests.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>

#include <ctime>
#include <numeric>
#include <random>

namespace signalbox::gui {

namespace {

using Tester = QAbstractItemModelTester;

observe::TreeRow treeRow(observe::NodeId node) {
    observe::TreeRow row;
    row.node = node;
    row.token = std::to_string(node);
    return row;
}

SubjectTreeModel::TreePtr treeOf(std::vector<observe::NodeId> const& nodes) {
    auto tree = std::make_shared<observe::TreeSnapshot>();
    for (observe::NodeId const node : nodes) {
        tree->rows.push_back(treeRow(node));
    }
    return tree;
}

std::vector<observe::NodeId> nodesOf(SubjectTreeModel const& model) {
    std::vector<observe::NodeId> nodes;
    for (observe::TreeRow const* const row : model.rows()) {
        nodes.push_back(row->node);
    }
    return nodes;
}

observe::LogRow logRow(base::LogLevel level, std::string text) {
    return {.level = static_cast<int>(level), .server = 1, .time = {}, .text = std::move(text)};
}

}  // namespace

class ModelsTest : public QObject {
    Q_OBJECT

private slots:
    // Whatever list follows whatever list, the rows are the new ones, and an index that a view
    // keeps still points at the row it was for.
    void rows_that_stay_keep_their_indexes() {
        SubjectTreeModel model;
        Tester const tester(&model, Tester::FailureReportingMode::QtTest);
        std::mt19937 random(4711);
        std::vector<observe::NodeId> nodes;
        for (int round = 0; round < 300; ++round) {
            std::vector<observe::NodeId> next;
            for (observe::NodeId node = 1; node <= 24; ++node) {
                if (random() % 3 != 0) {
                    next.push_back(node);
                }
            }
            if (round % 2 == 0) {
                std::ranges::shuffle(next, random);
            }
            std::vector<std::pair<QPersistentModelIndex, observe::NodeId>> kept;
            for (int row = 0; row < model.rowCount(); ++row) {
                kept.emplace_back(model.index(row, 1), model.rowAt(row)->node);
            }
            model.show(treeOf(next), 0);
            QCOMPARE(nodesOf(model), next);
            for (auto const& [index, node] : kept) {
                bool const stays = std::ranges::find(next, node) != next.end();
                QCOMPARE(index.isValid(), stays);
                if (stays) {
                    QCOMPARE(model.rowAt(index.row())->node, node);
                }
            }
        }
    }

    void new_values_are_told_once_for_the_rows_on_screen() {
        SubjectTreeModel model;
        model.setVisibleRows(2, 5);
        std::vector<observe::NodeId> nodes(1'000);
        std::iota(nodes.begin(), nodes.end(), 1U);
        model.show(treeOf(nodes), 0);
        QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
        model.show(treeOf(nodes), 0);
        QCOMPARE(changes.size(), 1);
        QCOMPARE(changes[0][0].toModelIndex().row(), 2);
        QCOMPARE(changes[0][1].toModelIndex().row(), 5);
    }

    // Processor time, not the clock's: a tenth of what a second has for ten snapshots, even with
    // sanitizers and with every row in another place.
    void many_rows_are_replaced_in_little_time() {
        SubjectTreeModel model;
        std::vector<observe::NodeId> nodes(20'000);
        std::iota(nodes.begin(), nodes.end(), 1U);
        SubjectTreeModel::TreePtr const one = treeOf(nodes);
        std::ranges::shuffle(nodes, std::mt19937(4711));
        SubjectTreeModel::TreePtr const other = treeOf(nodes);
        model.show(one, 0);
        std::clock_t const begin = std::clock();
        for (int round = 0; round < 10; ++round) {
            model.show(round % 2 == 0 ? other : one, 0);
        }
        double const each = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC / 10;
        qInfo("20,000 rows, all moved: %.2f ms", each * 1000);
        QVERIFY(each < 0.1);
    }

    void a_tree_row_says_what_is_wrong_with_it_in_words() {
        SubjectTreeModel model;
        model.show(std::make_shared<observe::TreeSnapshot>(sampleSnapshot(0).tree), 0);
        QCOMPARE(model.index(2, 0).data(Qt::AccessibleTextRole).toString(),
                 QStringLiteral("shipped, no interest"));
        QCOMPARE(model.index(3, 0).data(Qt::AccessibleTextRole).toString(),
                 QStringLiteral("audit.>, no traffic, filter"));
        QVERIFY(model.index(4, 0).data().toString().contains(QStringLiteral("more")));
    }

    void connections_are_sorted_by_the_column_asked_for() {
        ConnectionModel model;
        Tester const tester(&model, Tester::FailureReportingMode::QtTest);
        model.show(sampleSnapshot(0).servers[0].open, 0);
        QCOMPARE(model.rowAt(0)->identity->cid, 1U);
        model.setSort({.column = ConnectionModel::Pending, .order = Qt::DescendingOrder});
        QCOMPARE(model.rowAt(0)->identity->cid, 3U);
        QCOMPARE(model.rowAt(1)->identity->cid, 1U);
    }

    void a_held_order_survives_new_rates() {
        ConnectionModel model;
        model.setSort({.column = ConnectionModel::MsgsIn, .order = Qt::AscendingOrder});
        std::vector<observe::ConnectionRow> rows = sampleSnapshot(0).servers[0].open;
        model.show(rows, 0);
        model.holdOrder(true);
        rows[0].in_msgs.per_second = 1e6;
        model.show(rows, 0);
        QCOMPARE(model.rowAt(0)->identity->cid, 1U);
        model.holdOrder(false);
        model.show(rows, 0);
        QCOMPARE(model.rowAt(2)->identity->cid, 1U);
    }

    void closed_connections_stand_newest_first() {
        ClosedConnectionModel model;
        Tester const tester(&model, Tester::FailureReportingMode::QtTest);
        ClosedConnectionModel::Rows const one = sampleSnapshot(0).servers[0].closed;
        model.show(one);
        auto two = std::make_shared<std::vector<observe::ClosedConnectionRow>>(*one);
        two->push_back(two->front());
        two->back().reason = "Client Closed";
        model.show(two);
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(model.rowAt(0)->reason, std::string("Client Closed"));
        model.show(nullptr);
        QCOMPARE(model.rowCount(), 0);
    }

    void a_full_tap_forgets_its_oldest_rows() {
        TapModel model(nullptr, 100);
        Tester const tester(&model, Tester::FailureReportingMode::QtTest);
        for (std::uint64_t first = 1; first < 1'000; first += 30) {
            model.append(sampleMessages(first, 30));
            QVERIFY(model.rowCount() <= 100);
            QCOMPARE(model.rowAt(model.rowCount() - 1)->number, first + 29);
        }
        QVERIFY(model.rowCount() >= 90);
        // More than there is room for, at once.
        model.append(sampleMessages(2'000, 450));
        QVERIFY(model.rowCount() <= 100 && model.rowCount() >= 90);
        QCOMPARE(model.rowAt(model.rowCount() - 1)->number, 2'449U);
        QCOMPARE(model.rowAt(0)->number, 2'450U - static_cast<unsigned>(model.rowCount()));
    }

    void a_paused_tap_goes_on_to_capture_behind_the_picture() {
        TapModel model(nullptr, 100);
        model.append(sampleMessages(1, 10));
        model.setPaused(true);
        model.append(sampleMessages(11, 20));
        QCOMPARE(model.rowCount(), 10);
        QCOMPARE(model.waiting(), 20U);
        model.setPaused(false);
        QCOMPARE(model.rowCount(), 30);
        QCOMPARE(model.waiting(), 0U);
    }

    void a_display_filter_holds_for_rows_that_come_later() {
        TapModel model(nullptr, 100);
        Tester const tester(&model, Tester::FailureReportingMode::QtTest);
        model.append(sampleMessages(1, 10));
        model.setDisplayFilter(QStringLiteral("SHIPPED"));
        QCOMPARE(model.rowCount(), 5);
        for (int i = 0; i < 30; ++i) {
            model.append(sampleMessages(100, 10));
        }
        QVERIFY(model.rowCount() > 0);
        for (int row = 0; row < model.rowCount(); ++row) {
            QCOMPARE(model.rowAt(row)->subject, std::string("orders.shipped"));
        }
        model.setDisplayFilter({});
        QVERIFY(model.rowCount() >= 90);
    }

    void the_log_shows_what_is_grave_enough_and_has_the_text() {
        LogModel model(nullptr, 50);
        Tester const tester(&model, Tester::FailureReportingMode::QtTest);
        model.append({logRow(base::LogLevel::Notice, "listening on 127.0.0.1:4222"),
                      logRow(base::LogLevel::Debug, "client connected"),
                      logRow(base::LogLevel::Error, "client was too slow")});
        model.setLevel(base::LogLevel::Notice);
        QCOMPARE(model.rowCount(), 2);
        model.setText(QStringLiteral("CLIENT"));
        QCOMPARE(model.rowCount(), 1);
        model.append({logRow(base::LogLevel::Warning, "client is stale")});
        QCOMPARE(model.rowCount(), 2);
        model.setText({});
        model.setLevel(base::LogLevel::Trace);
        QCOMPARE(model.rowCount(), 4);
        LogBatch many(200, logRow(base::LogLevel::Trace, "line"));
        model.append(many);
        QVERIFY(model.rowCount() <= 50);
    }

    void events_stand_newest_first_and_are_bounded() {
        EventModel model;
        Tester const tester(&model, Tester::FailureReportingMode::QtTest);
        EventBatch rows(3'000);
        rows.back().text = "last";
        model.append(rows);
        model.append(rows);
        QVERIFY(model.rowCount() <= static_cast<int>(EventModel::kLimit));
        QCOMPARE(model.index(0, EventModel::Text).data().toString(), QStringLiteral("last"));
    }

    void top_lists_hold_ten_and_compare_by_a_bar() {
        BusyModel model(QStringLiteral("Connection"), nullptr);
        Tester const tester(&model, Tester::FailureReportingMode::QtTest);
        std::vector<observe::ConnectionRow> rows;
        for (std::uint64_t cid = 1; cid <= 30; ++cid) {
            observe::ConnectionRow one = sampleSnapshot(0).servers[0].open[0];
            auto identity = std::make_shared<observe::ConnectionIdentity>(*one.identity);
            identity->cid = cid;
            one.identity = identity;
            one.in_msgs.per_second = static_cast<double>(cid);
            one.out_msgs.per_second = 0;
            rows.push_back(one);
        }
        model.showConnections(rows);
        QCOMPARE(model.rowCount(), 10);
        QCOMPARE(model.rowAt(0)->key, 30U);
        QCOMPARE(model.index(0, BusyModel::MsgRate).data(FractionRole).toDouble(), 1.0);
    }

    void a_request_without_responders_is_said_as_such() {
        SentModel model;
        Tester const tester(&model, Tester::FailureReportingMode::QtTest);
        model.add({.token = 7, .request = true});
        model.finish(7, SentRow::State::NoResponders, QStringLiteral("no responders"));
        QCOMPARE(model.index(0, SentModel::Result).data().toString(),
                 QStringLiteral("no responders"));
        QCOMPARE(model.index(0, SentModel::Result).data(ToneRole).toInt(),
                 static_cast<int>(Tone::Warning));
    }

    void history_keeps_lows_and_peaks_in_every_tier() {
        TrafficHistory history;
        // Ten minutes and more, so that the finest tier no longer reaches back to the start.
        for (qint64 time = 1'000'000; time < 1'000'000 + 700'000; time += 50) {
            bool const peak = time == 1'001'050;
            history.append(time, {peak ? 500.0 : 10.0, 0, 0, 0, 0, 0});
        }
        auto const fine = history.between(1'600'000, 1'601'000);
        QVERIFY(fine.size() >= 10);
        QCOMPARE(fine[1].time - fine[0].time, 100);
        auto const coarse = history.between(1'000'000, 1'700'000, 1'000);
        QCOMPARE(coarse[1].time - coarse[0].time, 1'000);
        QCOMPARE(coarse[1].values[0].max, 500.0F);
        QCOMPARE(coarse[1].values[0].min, 10.0F);
        QVERIFY(coarse[1].values[0].avg > 30 && coarse[1].values[0].avg < 50);
    }

    void an_export_has_a_line_for_each_step() {
        TrafficHistory history;
        for (qint64 time = 1'790'000'000'000; time < 1'790'000'001'000; time += 100) {
            history.append(time, {1.5, 2, 3, 4, 5, 6});
        }
        QStringList const lines =
            historyCsv(history.between(0, 2'000'000'000'000)).trimmed().split(QLatin1Char('\n'));
        QVERIFY(lines.size() >= 10);
        QVERIFY(lines[0].startsWith(QStringLiteral("time,msgs_in_per_second")));
        QVERIFY(lines[1].startsWith(QStringLiteral("2026-")));
        QVERIFY(lines[1].endsWith(QStringLiteral(",1.5,2.0,3.0,4.0,5.0,6.0")));
    }

    void figures_have_three_digits_and_a_prefix_data() {
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("text");
        QTest::newRow("nothing") << 0.0 << "0";
        QTest::newRow("fraction") << 0.4 << "0.4";
        QTest::newRow("whole") << 912.0 << "912";
        QTest::newRow("thousands") << 12'345.0 << QStringLiteral("12.3\u2009k");
        QTest::newRow("just below a million") << 999'999.0 << QStringLiteral("1.00\u2009M");
        QTest::newRow("millions") << 1'600'000.0 << QStringLiteral("1.60\u2009M");
    }
    void figures_have_three_digits_and_a_prefix() {
        QFETCH(double, value);
        QFETCH(QString, text);
        QLocale::setDefault(QLocale::c());
        QCOMPARE(shortCount(value), text);
    }

    void json_is_laid_out_without_touching_its_values() {
        QCOMPARE(prettyJson("{\"a\":[1,2.50,{}],\"b\":\"x\\\"{,\"}").value(),
                 QStringLiteral("{\n  \"a\": [\n    1,\n    2.50,\n    {}\n  ],\n"
                                "  \"b\": \"x\\\"{,\"\n}"));
        QVERIFY(!prettyJson("{\"a\":").has_value());
        QVERIFY(!prettyJson("").has_value());
    }

    void bytes_are_dumped_with_their_offset() {
        QString const dump = hexDump(std::string("hello\0world, again", 18));
        QStringList const lines = dump.split(QLatin1Char('\n'));
        QCOMPARE(lines[0], QStringLiteral("00000000  68 65 6c 6c 6f 00 77 6f  72 6c 64 2c 20 61 "
                                          "67 61  hello.world, aga"));
        QVERIFY(lines[1].startsWith(QStringLiteral("00000010  69 6e  ")));
        QVERIFY(lines[1].endsWith(QStringLiteral("  in")));
        QCOMPARE(lines[1].indexOf(QStringLiteral("in")), lines[0].indexOf(QStringLiteral("hello")));
        QVERIFY(isText("grün\n"));
        QVERIFY(!isText(std::string("\0", 1)));
        QVERIFY(!isText("\xff"));
    }

    void headers_keep_their_order_and_repetitions() {
        auto const fields = headerFields("NATS/1.0 503\r\nA: 1\r\nA:2\r\nB: x:y\r\n\r\n");
        QCOMPARE(fields.size(), 4U);
        QCOMPARE(fields[0].second, QStringLiteral("503"));
        QCOMPARE(fields[2].second, QStringLiteral("2"));
        QCOMPARE(fields[3].second, QStringLiteral("x:y"));
    }

    void a_fuzzy_match_prefers_beginnings_of_words() {
        QVERIFY(!fuzzyScore(QStringLiteral("xyz"), QStringLiteral("Start a broker")).has_value());
        QVERIFY(fuzzyScore(QStringLiteral("dt"), QStringLiteral("Dark theme")).value() >
                fuzzyScore(QStringLiteral("dt"), QStringLiteral("Update")).value_or(0));
        QVERIFY(fuzzyScore({}, QStringLiteral("anything")).has_value());
    }
};

SIGNALBOX_TEST(ModelsTest);

}  // namespace signalbox::gui

#include "models_test.moc"
