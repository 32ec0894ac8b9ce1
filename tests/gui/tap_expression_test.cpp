#include "gui/models/tap_expression.h"

#include "tests/support/run_tests.h"

namespace signalbox::gui {

class TapExpressionTest : public QObject {
    Q_OBJECT

private slots:
    void terms_set_the_parts_of_a_filter_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("read_back");
        QTest::newRow("nothing") << ""
                                 << "";
        QTest::newRow("blanks") << "   "
                                << "";
        QTest::newRow("everything") << ">"
                                    << "";
        QTest::newRow("subject alone") << "orders.>"
                                       << "orders.>";
        QTest::newRow("subject said") << "subject ~ orders.*.created"
                                      << "orders.*.created";
        QTest::newRow("subject named size") << "size"
                                            << "size";
        QTest::newRow("size above") << "size > 1k"
                                    << "size >= 1001";
        QTest::newRow("size without blanks") << "size>=64"
                                             << "size >= 64";
        QTest::newRow("size range") << "size > 9 && size < 2M"
                                    << "size >= 10 && size <= 1999999";
        QTest::newRow("connection") << "conn == 12"
                                    << "conn == 12";
        QTest::newRow("account") << "account == $G"
                                 << "account == $G";
        QTest::newRow("header") << "header ~ \"X-Env: test\""
                                << "header ~ \"X-Env: test\"";
        QTest::newRow("quotes inside") << "header ~ \"a\\\"b\""
                                       << "header ~ \"a\\\"b\"";
        QTest::newRow("all of it") << "orders.> && conn=3 && size<=100 && payload ~ error"
                                   << "orders.> && conn == 3 && size <= 100 && payload ~ \"error\"";
        QTest::newRow("blanks join") << "orders.> size > 1"
                                     << "orders.> && size >= 2";
    }
    void terms_set_the_parts_of_a_filter() {
        QFETCH(QString, text);
        QFETCH(QString, read_back);
        TapExpression const read = parseTapExpression(text);
        QVERIFY2(read.valid(), qPrintable(read.message));
        QCOMPARE(tapExpressionText(read.filter), read_back);
        // What is written reads back as the same.
        QCOMPARE(tapExpressionText(parseTapExpression(read_back).filter), read_back);
    }

    void what_cannot_be_asked_is_refused_with_its_place_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("position");
        QTest::newRow("empty token") << "orders..x" << 0;
        QTest::newRow("two subjects") << "orders.> shop.>" << 9;
        QTest::newRow("no value") << "size >= " << 8;
        QTest::newRow("no number") << "size > big" << 7;
        QTest::newRow("no operator of it") << "conn > 3" << 7;
        QTest::newRow("nothing after and") << "orders.> &&" << 11;
        QTest::newRow("and first") << "&& orders.>" << 0;
        QTest::newRow("open quote") << "header ~ \"x" << 9;
        QTest::newRow("wildcard in the middle") << "orders.>.x" << 0;
    }
    void what_cannot_be_asked_is_refused_with_its_place() {
        QFETCH(QString, text);
        QFETCH(int, position);
        TapExpression const read = parseTapExpression(text);
        QVERIFY(!read.valid());
        QVERIFY(!read.message.isEmpty());
        QCOMPARE(read.position, position);
    }

    void a_search_in_payloads_is_called_slow() {
        TapExpression const read = parseTapExpression(QStringLiteral("payload ~ error"));
        QCOMPARE(read.verdict, TapExpression::Verdict::Slow);
        QVERIFY(read.valid());
    }
};

SIGNALBOX_TEST(TapExpressionTest);

}  // namespace signalbox::gui

#include "tap_expression_test.moc"
