#include "engine/base/ip_address.h"

#include "tests/support/run_tests.h"

namespace signalbox::base {

/// Numeric addresses, read and written.
class IpAddressTest : public QObject {
    Q_OBJECT

private slots:
    void an_address_is_written_in_its_shortest_form_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        QTest::newRow("version 4") << "192.0.2.1"
                                   << "192.0.2.1";
        QTest::newRow("zeros") << "0.0.0.0"
                               << "0.0.0.0";
        QTest::newRow("loopback") << "0:0:0:0:0:0:0:1"
                                  << "::1";
        QTest::newRow("nothing") << "::"
                                 << "::";
        QTest::newRow("a gap within") << "2001:DB8:0:0:1:0:0:1"
                                      << "2001:db8::1:0:0:1";
        QTest::newRow("one zero stays") << "2001:db8:0:1:1:1:1:1"
                                        << "2001:db8:0:1:1:1:1:1";
        QTest::newRow("a gap at the end") << "fe80::"
                                          << "fe80::";
        QTest::newRow("version 4 within") << "::FFFF:192.0.2.1"
                                          << "::ffff:192.0.2.1";
        QTest::newRow("version 4 in hex") << "::ffff:c000:201"
                                          << "::ffff:192.0.2.1";
        QTest::newRow("version 4 behind a prefix") << "64:ff9b::1.2.3.4"
                                                   << "64:ff9b::102:304";
    }
    void an_address_is_written_in_its_shortest_form() {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        auto const address = IpAddress::parse(text.toStdString());
        QVERIFY(address.ok());
        QCOMPARE(address.value().text(), expected.toStdString());
        QVERIFY(IpAddress::parse(address.value().text()).value() == address.value());
    }

    void an_address_within_another_comes_out() {
        auto const of = [](char const* text) {
            return IpAddress::parse(text).value().unmapped().text();
        };
        QCOMPARE(of("::ffff:192.0.2.1"), std::string("192.0.2.1"));
        QCOMPARE(of("192.0.2.1"), std::string("192.0.2.1"));
        QCOMPARE(of("::fffe:c000:201"), std::string("::fffe:c000:201"));
        QCOMPARE(of("64:ff9b::1.2.3.4"), std::string("64:ff9b::102:304"));
    }

    void what_is_no_address_is_refused() {
        for (char const* text : {"",
                                 "1",
                                 "1.2.3",
                                 "1.2.3.4.5",
                                 "1.2.3.256",
                                 "01.2.3.4",
                                 "1.2.3.-4",
                                 "1.2.3.4 ",
                                 "1..2.3",
                                 ":",
                                 ":::",
                                 "1::2::3",
                                 "1:2:3:4:5:6:7",
                                 "1:2:3:4:5:6:7:8:9",
                                 "1:2:3:4:5:6:7::8",
                                 "12345::",
                                 "g::",
                                 "1.2.3.4::",
                                 "::1%eth0",
                                 "[::1]",
                                 "::1.2.3",
                                 "localhost"}) {
            auto const address = IpAddress::parse(text);
            QVERIFY2(!address.ok(), text);
            QCOMPARE(address.error().code(), Errc::Malformed);
        }
    }
};
SIGNALBOX_TEST(IpAddressTest);

}  // namespace signalbox::base

#include "ip_address_test.moc"
