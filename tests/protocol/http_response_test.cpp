#include "engine/protocol/http_response.h"

#include "tests/support/run_tests.h"

namespace signalbox::protocol {

class HttpResponseTest : public QObject {
    Q_OBJECT

private slots:
    void a_head_says_type_date_and_length() {
        QCOMPARE(http_response_head({.status = 200,
                                     .content_type = "application/json",
                                     .date = WallTime(base::seconds(784'111'777)),
                                     .content_length = 12}),
                 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                 "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 12\r\n\r\n");
    }

    void a_body_of_unknown_length_is_announced_in_chunks() {
        std::string const head = http_response_head({.extra = {"X-A: 1", "X-B: 2"}});
        QVERIFY(head.find("\r\nX-A: 1\r\nX-B: 2\r\nTransfer-Encoding: chunked\r\n\r\n") !=
                std::string::npos);
        QVERIFY(head.find("Content-Length") == std::string::npos);
    }

    void the_connection_header_says_what_the_version_does_not() {
        auto ends = [](bool keep, bool old, char const* end) {
            return http_response_head({.content_length = 0, .keep_alive = keep, .version_1_0 = old})
                .ends_with(end);
        };
        QVERIFY(ends(true, false, "Content-Length: 0\r\n\r\n"));
        QVERIFY(ends(false, false, "Connection: close\r\n\r\n"));
        QVERIFY(ends(true, true, "Connection: keep-alive\r\n\r\n"));
        QVERIFY(ends(false, true, "Connection: close\r\n\r\n"));
    }

    void chunks_carry_their_size_in_hexadecimal() {
        std::string out;
        append_http_chunk(out, "");
        append_http_chunk(out, std::string(255, 'x'));
        out += kLastHttpChunk;
        QCOMPARE(out, "ff\r\n" + std::string(255, 'x') + "\r\n0\r\n\r\n");
    }

    void dates_are_in_the_format_of_the_field_data() {
        QTest::addColumn<qint64>("second");
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("epoch") << qint64{0} << QByteArray("Thu, 01 Jan 1970 00:00:00 GMT");
        QTest::newRow("leap day") << qint64{1'709'164'800}
                                  << QByteArray("Thu, 29 Feb 2024 00:00:00 GMT");
    }
    void dates_are_in_the_format_of_the_field() {
        QFETCH(qint64, second);
        QFETCH(QByteArray, text);
        QCOMPARE(http_date(WallTime(base::seconds(second))), text.toStdString());
    }
};

SIGNALBOX_TEST(HttpResponseTest);

}  // namespace signalbox::protocol

#include "http_response_test.moc"
