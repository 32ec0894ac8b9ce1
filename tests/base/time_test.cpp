#include "engine/base/time.h"

#include "engine/base/duration_text.h"

#include "tests/support/run_tests.h"

namespace signalbox {

using base::hours;
using base::milliseconds;
using base::minutes;
using base::seconds;

class TimeTest : public QObject {
    Q_OBJECT

private slots:
    void points_move_by_durations() {
        Instant const start(seconds(5));
        QVERIFY(start + seconds(2) - start == seconds(2));
        QVERIFY(start < start + Duration(1));
        QVERIFY(!WallTime().is_set());
        QVERIFY(WallTime(Duration(1)).is_set());
    }

    void a_point_has_its_parts_in_any_zone() {
        // 2024-02-29, the day that only leap years have.
        WallTime const time(seconds(1'709'250'306) + milliseconds(7));
        base::CivilTime const utc = base::civil(time);
        QCOMPARE(utc.year, 2024);
        QCOMPARE(utc.month, 2U);
        QCOMPARE(utc.day, 29U);
        QCOMPARE(utc.hour, 23);
        QCOMPARE(utc.minute, 45);
        QCOMPARE(utc.second, 6);
        QCOMPARE(utc.nanosecond, 7'000'000);
        base::CivilTime const east = base::civil(time, hours(1));
        QCOMPARE(east.month, 3U);
        QCOMPARE(east.day, 1U);
        QCOMPARE(east.hour, 0);
    }

    void a_point_before_the_epoch_has_its_parts() {
        base::CivilTime const c = base::civil(WallTime(-seconds(1)));
        QCOMPARE(c.year, 1969);
        QCOMPARE(c.second, 59);
    }

    void rfc3339_leaves_out_trailing_zeros() {
        QCOMPARE(base::rfc3339(WallTime(seconds(0))), std::string("1970-01-01T00:00:00Z"));
        QCOMPARE(base::rfc3339(WallTime(milliseconds(1'500))),
                 std::string("1970-01-01T00:00:01.5Z"));
        QCOMPARE(base::rfc3339(WallTime(Duration(1))),
                 std::string("1970-01-01T00:00:00.000000001Z"));
    }
};
SIGNALBOX_TEST(TimeTest);

class DurationTextTest : public QObject {
    Q_OBJECT

private slots:
    void durations_are_read_with_their_units_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<qint64>("nanoseconds");
        QTest::newRow("hours and minutes") << QByteArray("1h30m") << qint64{5'400'000'000'000};
        QTest::newRow("a fraction") << QByteArray("1.5s") << qint64{1'500'000'000};
        QTest::newRow("milliseconds") << QByteArray("250ms") << qint64{250'000'000};
        QTest::newRow("us") << QByteArray("3us") << qint64{3'000};
        QTest::newRow("micro sign") << QByteArray("3\xc2\xb5s") << qint64{3'000};
        QTest::newRow("Greek mu") << QByteArray("3\xce\xbcs") << qint64{3'000};
        QTest::newRow("ns") << QByteArray("7ns") << qint64{7};
        QTest::newRow("zero") << QByteArray("0") << qint64{0};
        QTest::newRow("negative") << QByteArray("-2m") << qint64{-120'000'000'000};
        QTest::newRow("a plus") << QByteArray("+2s") << qint64{2'000'000'000};
        QTest::newRow("no whole part") << QByteArray(".5s") << qint64{500'000'000};
    }
    void durations_are_read_with_their_units() {
        QFETCH(QByteArray, text);
        QFETCH(qint64, nanoseconds);
        auto const read = base::parse_duration(text.toStdString());
        QVERIFY(read.ok());
        QCOMPARE(qint64{read.value().count()}, nanoseconds);
    }

    void what_is_no_duration_is_refused() {
        for (char const* const text :
             {"", "5", "s", "1x", "1 s", "1.2.3s", "-", "1h-3m", "9999999999h", "1e3s", "five"}) {
            auto const read = base::parse_duration(text);
            QVERIFY2(!read.ok(), text);
            QVERIFY(read.error().code() == Errc::InvalidArgument);
        }
    }

    void what_is_written_reads_back() {
        for (std::int64_t n = 1; n < 1'000'000'000'000'000'000; n = n * 7 + 3) {
            for (Duration const duration : {Duration(n), Duration(-n)}) {
                auto const read = base::parse_duration(base::duration_text(duration));
                QVERIFY(read.ok());
                // Six hours in nanoseconds are past what a double holds exactly.
                QVERIFY(std::abs((read.value() - duration).count()) <= std::abs(n) / 1'000'000'000);
            }
        }
    }

    void durations_are_written_as_configuration_has_them() {
        QCOMPARE(base::duration_text(Duration(0)), std::string("0s"));
        QCOMPARE(base::duration_text(minutes(2)), std::string("2m0s"));
        QCOMPARE(base::duration_text(milliseconds(1'500)), std::string("1.5s"));
        QCOMPARE(base::duration_text(base::microseconds(312)), std::string("312\xc2\xb5s"));
        QCOMPARE(base::duration_text(hours(1)), std::string("1h0m0s"));
        QCOMPARE(base::duration_text(-milliseconds(20)), std::string("-20ms"));
    }

    void uptimes_begin_with_their_largest_unit() {
        QCOMPARE(base::uptime_text(seconds(3)), std::string("3s"));
        QCOMPARE(base::uptime_text(seconds(125)), std::string("2m5s"));
        QCOMPARE(base::uptime_text(seconds(3'603)), std::string("1h0m3s"));
        QCOMPARE(base::uptime_text(hours(48) + seconds(11'045)), std::string("2d3h4m5s"));
        QCOMPARE(base::uptime_text(hours(24 * 367) + seconds(11'045)), std::string("1y2d3h4m5s"));
        QCOMPARE(base::uptime_text(-seconds(5)), std::string("0s"));
    }
};
SIGNALBOX_TEST(DurationTextTest);

}  // namespace signalbox

#include "time_test.moc"
