#include "engine/protocol/http_response_parser.h"

#include "engine/base/text.h"
#include "engine/protocol/http_url.h"

#include "tests/support/run_tests.h"

namespace signalbox::protocol {
namespace {

/// What `text` is, fed in pieces of `step`: the status and body, `more`, or the error's code.
std::string outcome(std::string_view text, std::size_t step, bool ends) {
    HttpResponseParser parser(20);
    for (std::size_t at = 0; at <= text.size(); at += step) {
        parser.feed(text.substr(at, step));
        if (ends && at + step > text.size()) {
            parser.finish();
        }
        auto next = parser.next();
        if (!next.ok()) {
            return std::string(base::name_of(next.error().code()));
        }
        if (next.value()) {
            return concat(next.value()->status, " ", next.value()->body);
        }
    }
    return "more";
}

}  // namespace

/// Answers of HTTP servers, and the URLs that lead to them.
class HttpResponseParserTest : public QObject {
    Q_OBJECT

private slots:
    void an_answer_is_read_however_it_is_cut_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("ends");
        QTest::addColumn<QString>("expected");
        QString const ok = "HTTP/1.1 200 OK\r\n";
        QTest::newRow("of a length") << ok + "Content-Length: 2\r\n\r\nhi" << false << "200 hi";
        QTest::newRow("of none") << ok + "content-length: 0\r\n\r\n" << false << "200 ";
        QTest::newRow("to the end") << ok + "\r\nhi" << true << "200 hi";
        QTest::newRow("not at the end") << ok + "\r\nhi" << false << "more";
        QTest::newRow("chunks")
            << ok + "Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nhi\r\n1\r\n!\r\n0\r\nT: x\r\n\r\n"
            << false << "200 hi!";
        QTest::newRow("after another")
            << "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx"
            << false << "404 x";
        QTest::newRow("without a body") << "HTTP/1.0 204 \n\n" << false << "204 ";
        QTest::newRow("cut short") << ok + "Content-Length: 3\r\n\r\nhi" << true << "Malformed";
        QTest::newRow("too large") << ok + "Content-Length: 21\r\n\r\n" << false << "LimitExceeded";
        QTest::newRow("too large a chunk")
            << ok + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"
            << false << "LimitExceeded";
        QTest::newRow("too long to the end")
            << ok + "\r\n123456789012345678901" << true << "LimitExceeded";
        QTest::newRow("no HTTP") << "SSH-2.0-x\r\n" << false << "Malformed";
        QTest::newRow("no status") << "HTTP/1.1 x00 OK\r\n" << false << "Malformed";
        QTest::newRow("two lengths") << ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n"
                                     << false << "Malformed";
        QTest::newRow("chunk without a size") << ok + "Transfer-Encoding: chunked\r\n\r\nx\r\n"
                                              << false << "Malformed";
        QTest::newRow("chunk longer than its size")
            << ok + "Transfer-Encoding: chunked\r\n\r\n1\r\nhi\r\n"
            << false << "Malformed";
    }
    void an_answer_is_read_however_it_is_cut() {
        QFETCH(QString, text);
        QFETCH(bool, ends);
        QFETCH(QString, expected);
        std::string const bytes = text.toStdString();
        for (std::size_t const step : {std::size_t{1}, std::size_t{3}, bytes.size() + 1}) {
            QCOMPARE(outcome(bytes, step, ends), expected.toStdString());
        }
    }

    void a_line_without_an_end_is_cut_off() {
        HttpResponseParser parser(20);
        parser.feed(std::string(20'000, 'x'));
        QCOMPARE(parser.next().error().code(), Errc::LimitExceeded);
    }

    void a_url_is_taken_apart_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        QTest::newRow("bare") << "http://a.example"
                              << "a.example 80 / a.example";
        QTest::newRow("secure") << "HTTPS://a/x?y=z#f"
                                << "tls a 443 /x?y=z a";
        QTest::newRow("port") << "http://a:8080/jwt/"
                              << "a 8080 /jwt/ a:8080";
        QTest::newRow("version 6") << "http://[::1]:81"
                                   << "::1 81 / [::1]:81";
        QTest::newRow("query alone") << "http://a?b"
                                     << "a 80 /?b a";
        QTest::newRow("user") << "http://u:p@a/"
                              << "InvalidArgument";
        QTest::newRow("no host") << "http:///x"
                                 << "InvalidArgument";
        QTest::newRow("port of none") << "http://a:/"
                                      << "InvalidArgument";
        QTest::newRow("large port") << "http://a:65536/"
                                    << "InvalidArgument";
        QTest::newRow("open bracket") << "http://[::1/"
                                      << "InvalidArgument";
        QTest::newRow("blank") << "http://a/b c"
                               << "InvalidArgument";
        QTest::newRow("other") << "ftp://a/"
                               << "InvalidArgument";
    }
    void a_url_is_taken_apart() {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        auto const url = HttpUrl::parse(text.toStdString());
        std::string const got = !url.ok() ? std::string(base::name_of(url.error().code()))
                                          : concat(url.value().secure ? "tls " : "",
                                                   url.value().host, " ", url.value().port, " ",
                                                   url.value().target, " ", url.value().authority);
        QCOMPARE(got, expected.toStdString());
    }
};
SIGNALBOX_TEST(HttpResponseParserTest);

}  // namespace signalbox::protocol

#include "http_response_parser_test.moc"
