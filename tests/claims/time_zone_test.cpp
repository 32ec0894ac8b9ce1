#include "engine/claims/time_zone.h"

#include "tests/support/run_tests.h"

#include <QFile>

#include <string>

using namespace signalbox;

namespace {

WallTime utc(std::int64_t seconds) {
    return WallTime(base::seconds(seconds));
}

// 2024-01-15, 2024-07-15 and 2050-07-15, at noon.
constexpr std::int64_t kWinter = 1'705'320'000;
constexpr std::int64_t kSummer = 1'721'044'800;
constexpr std::int64_t kFarSummer = 2'541'412'800;

}  // namespace

class TimeZoneTest : public QObject {
    Q_OBJECT
private slots:
    void zones_of_this_machine_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("winter");
        QTest::addColumn<int>("summer");
        QTest::newRow("north") << "Europe/Berlin" << 3600 << 7200;
        QTest::newRow("west") << "America/New_York" << -18'000 << -14'400;
        QTest::newRow("south") << "Australia/Sydney" << 39'600 << 36'000;
        QTest::newRow("half") << "Asia/Kolkata" << 19'800 << 19'800;
        QTest::newRow("fixed") << "Etc/UTC" << 0 << 0;
    }
    void zones_of_this_machine() {
        QFETCH(QString, name);
        QFETCH(int, winter);
        QFETCH(int, summer);
        QVERIFY(claims::is_time_zone_name(name.toStdString()));
        QFile file("/usr/share/zoneinfo/" + name);
        if (!file.open(QIODevice::ReadOnly)) {
            QSKIP("no time zone database here");
        }
        auto const zone = claims::TimeZone::parse(file.readAll().toStdString());
        QVERIFY(zone.ok());
        QVERIFY(zone.value().offset_at(utc(kWinter)) == base::seconds(winter));
        QVERIFY(zone.value().offset_at(utc(kSummer)) == base::seconds(summer));
        // Past what the file lists, by the rule at its end.
        QVERIFY(zone.value().offset_at(utc(kFarSummer)) == base::seconds(summer));
    }

    void rules_data() {
        QTest::addColumn<QString>("rule");
        QTest::addColumn<qint64>("at");
        QTest::addColumn<int>("offset");
        QString const berlin = "CET-1CEST,M3.5.0,M10.5.0/3";
        QTest::newRow("winter") << berlin << qint64(kWinter) << 3600;
        QTest::newRow("summer") << berlin << qint64(kSummer) << 7200;
        // 2024-03-31T01:00:00Z and 2024-10-27T01:00:00Z.
        QTest::newRow("a second before") << berlin << qint64(1'711'846'799) << 3600;
        QTest::newRow("it begins") << berlin << qint64(1'711'846'800) << 7200;
        QTest::newRow("still") << berlin << qint64(1'729'990'799) << 7200;
        QTest::newRow("it ends") << berlin << qint64(1'729'990'800) << 3600;
        QString const sydney = "AEST-10AEDT,M10.1.0,M4.1.0/3";
        QTest::newRow("south in January") << sydney << qint64(kWinter) << 39'600;
        QTest::newRow("south in July") << sydney << qint64(kSummer) << 36'000;
        QTest::newRow("no summer") << "<+0530>-5:30" << qint64(kSummer) << 19'800;
        QTest::newRow("days of the year") << "A0B,J60,J300" << qint64(kSummer) << 3600;
        QTest::newRow("counted days") << "A0B-2,59,299" << qint64(kWinter) << 0;
    }
    void rules() {
        QFETCH(QString, rule);
        QFETCH(qint64, at);
        QFETCH(int, offset);
        auto const found = claims::offset_by_rule(rule.toStdString(), at);
        QVERIFY(found.ok());
        QCOMPARE(found.value(), offset);
    }

    void what_is_no_rule_is_refused() {
        for (char const* rule : {"", "1", "CET", "CET-", "CET-1CEST", "CET-1CEST,", "<CET",
                                 "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
                                 "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0"}) {
            QVERIFY2(!claims::offset_by_rule(rule, kWinter).ok(), rule);
        }
    }

    void what_is_no_file_is_refused() {
        QFile file("/usr/share/zoneinfo/Europe/Berlin");
        if (!file.open(QIODevice::ReadOnly)) {
            QSKIP("no time zone database here");
        }
        std::string const whole = file.readAll().toStdString();
        std::size_t const rule = whole.rfind('\n', whole.size() - 2);
        for (std::size_t size = 0; size < rule; size += 7) {
            QVERIFY(!claims::TimeZone::parse(whole.substr(0, size)).ok());
        }
        QVERIFY(!claims::TimeZone::parse("TZif2" + std::string(200, '\xff')).ok());
        QVERIFY(claims::TimeZone::parse(std::string(100'000, 'x')).error().code() ==
                Errc::LimitExceeded);
    }

    void names_lead_nowhere_else() {
        for (char const* name : {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires",
                                 "Etc/GMT+5", "America/Port-au-Prince"}) {
            QVERIFY2(claims::is_time_zone_name(name), name);
        }
        for (char const* name :
             {"", "/", "..", "../x", "Europe/..", "/etc/passwd", "Europe//Berlin", "a/b/c/d",
              "Europe/Berlin/", ".hidden", "a.tab", "x\\y", "a b"}) {
            QVERIFY2(!claims::is_time_zone_name(name), name);
        }
        QVERIFY(!claims::is_time_zone_name(std::string("UTC\0x", 5)));
        QVERIFY(!claims::is_time_zone_name(std::string(65, 'a')));
    }
};
SIGNALBOX_TEST(TimeZoneTest);

#include "time_zone_test.moc"
