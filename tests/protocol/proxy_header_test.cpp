#include "engine/protocol/proxy_header.h"

#include "engine/base/text.h"

#include "tests/support/run_tests.h"

namespace signalbox::protocol {
namespace {

using Kind = ProxyHeader::Kind;

std::string const kSignature("\r\n\r\n\0\r\nQUIT\n", 12);

/// A header of version 2 with that command, family and body.
std::string binary(unsigned char command, unsigned char family, std::string const& body) {
    std::string text = kSignature;
    text.push_back(static_cast<char>(command));
    text.push_back(static_cast<char>(family));
    text.push_back(static_cast<char>(body.size() >> 8));
    text.push_back(static_cast<char>(body.size() & 0xff));
    return text + body;
}

std::string const kBodyV4("\xc0\x00\x02\x01\x0a\x00\x00\x01\x30\x39\x10\x7e", 12);

std::string told(Bytes bytes) {
    ProxyHeader const header = read_proxy_header(bytes);
    switch (header.kind) {
        case Kind::Incomplete:
            return "more";
        case Kind::Absent:
            return "absent";
        case Kind::Malformed:
            return concat("bad: ", header.fault);
        case Kind::Present:
            break;
    }
    return header.source ? concat(header.size, " ", header.source->host, " ", header.source->port)
                         : concat(header.size, " itself");
}

}  // namespace

/// What a proxy says of who is behind it.
class ProxyHeaderTest : public QObject {
    Q_OBJECT

private slots:
    void a_line_of_text_is_read_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        QTest::newRow("version 4") << "PROXY TCP4 192.0.2.1 10.0.0.1 12345 4222\r\n"
                                   << "42 192.0.2.1 12345";
        QTest::newRow("version 6") << "PROXY TCP6 2001:db8::1 ::1 1 2\r\nCONNECT"
                                   << "32 2001:db8::1 1";
        QTest::newRow("version 4 within 6") << "PROXY TCP6 ::ffff:1.2.3.4 ::1 1 2\r\n"
                                            << "35 1.2.3.4 1";
        QTest::newRow("unknown") << "PROXY UNKNOWN\r\n"
                                 << "15 itself";
        QTest::newRow("unknown with more") << "PROXY UNKNOWN a b c d\r\n"
                                           << "23 itself";
        QTest::newRow("another family") << "PROXY TCP4 ::1 ::1 1 2\r\n"
                                        << "bad: its addresses are not of the protocol it names";
        QTest::newRow("another protocol") << "PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n"
                                          << "bad: its protocol is not known";
        QTest::newRow("too few") << "PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n"
                                 << "bad: it has not two addresses and two ports";
        QTest::newRow("bad address") << "PROXY TCP4 1.2.3.4.5 1.2.3.4 1 2\r\n"
                                     << "bad: an address or port is none";
        QTest::newRow("bad port") << "PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n"
                                  << "bad: an address or port is none";
        QTest::newRow("nothing named") << "PROXY \r\n"
                                       << "bad: it names no protocol";
        QTest::newRow("too long") << QString("PROXY TCP4 ") + QString(120, '1')
                                  << "bad: its line is too long";
        QTest::newRow("none") << "CONNECT {}\r\n"
                              << "absent";
        QTest::newRow("lower case") << "proxy TCP4"
                                    << "absent";
    }
    void a_line_of_text_is_read() {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        QCOMPARE(told(text.toStdString()), expected.toStdString());
    }

    void a_binary_header_is_read() {
        QCOMPARE(told(binary(0x21, 0x11, kBodyV4)), std::string("28 192.0.2.1 12345"));
        QCOMPARE(told(binary(0x21, 0x11, kBodyV4 + std::string("\x03\0\x01z", 4)) + "PING\r\n"),
                 std::string("32 192.0.2.1 12345"));
        std::string body(36, '\0');
        body[15] = 1;
        body[33] = 7;
        QCOMPARE(told(binary(0x21, 0x21, body)), std::string("52 ::1 7"));
        QCOMPARE(told(binary(0x20, 0x00, "")), std::string("16 itself"));
        QCOMPARE(told(binary(0x20, 0x11, kBodyV4)), std::string("28 itself"));
        QCOMPARE(told(binary(0x21, 0x01, "xyz")), std::string("19 itself"));
    }

    void a_bad_binary_header_is_refused() {
        QVERIFY(told(binary(0x11, 0x11, kBodyV4)).starts_with("bad: its version"));
        QVERIFY(told(binary(0x22, 0x11, kBodyV4)).starts_with("bad: its command"));
        QVERIFY(told(binary(0x21, 0x12, kBodyV4)).starts_with("bad: its address"));
        QVERIFY(told(binary(0x21, 0x00, "")).starts_with("bad: its address"));
        QVERIFY(told(binary(0x21, 0x31, std::string(216, 'x'))).starts_with("bad: its address"));
        QVERIFY(told(binary(0x21, 0x11, kBodyV4.substr(1))).starts_with("bad: its addresses"));
        QVERIFY(told(binary(0x21, 0x21, kBodyV4)).starts_with("bad: its addresses"));
        std::string broken = binary(0x21, 0x11, kBodyV4);
        broken[9] = 'X';
        QVERIFY(told(broken).starts_with("bad: its signature"));
    }

    void until_all_of_it_came_nothing_is_decided() {
        std::string const text = "PROXY TCP4 192.0.2.1 10.0.0.1 12345 4222\r\n";
        std::string const bytes = binary(0x21, 0x11, kBodyV4);
        for (std::string const& whole : {text, bytes}) {
            for (std::size_t n = 0; n < whole.size(); ++n) {
                QCOMPARE(told(Bytes(whole).substr(0, n)), std::string("more"));
            }
        }
        QCOMPARE(told("PING\r"), std::string("more"));
        QCOMPARE(told("PING\r\n"), std::string("absent"));
    }
};
SIGNALBOX_TEST(ProxyHeaderTest);

}  // namespace signalbox::protocol

#include "proxy_header_test.moc"
