#include "engine/protocol/http_request.h"

#include "engine/base/text.h"

#include "tests/support/run_tests.h"

#include <string>
#include <vector>

namespace signalbox::protocol {
namespace {

/// What came of the pieces, as text: each request, then the refusal when there was one.
std::string transcript(std::vector<std::string> const& pieces, HttpLimits limits = {}) {
    HttpRequestParser parser(limits);
    std::string out;
    for (std::string const& piece : pieces) {
        parser.feed(piece);
        while (true) {
            auto next = parser.next();
            if (!next.ok()) {
                return concat(out, "refused ", parser.refusal_status(), ' ', next.error().detail());
            }
            if (!next.value()) {
                break;
            }
            HttpRequest const& request = *next.value();
            append(out, request.method, ' ', request.path);
            for (auto const& [name, value] : request.query) {
                append(out, " ?", name, '=', value);
            }
            for (auto const& [name, value] : request.fields) {
                append(out, " [", name, ": ", value, ']');
            }
            append(out, request.keep_alive ? " keep" : " close", '\n');
        }
    }
    return out;
}

std::string get(std::string_view target) {
    return concat("GET ", target, " HTTP/1.1\r\nHost: h\r\n\r\n");
}

}  // namespace

class HttpRequestTest : public QObject {
    Q_OBJECT

private slots:
    // However the network cuts the bytes, the requests are the same.
    void any_cut_gives_the_same_requests() {
        std::string const bytes =
            "POST /a?x=%41 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nGET /\r\n"
            "GET /b HTTP/1.0\n\nBAD\r\n";
        std::string const whole = transcript({bytes});
        QCOMPARE(whole,
                 "POST /a ?x=A [host: h] [content-length: 5] keep\nGET /b close\n"
                 "refused 400 malformed request line");
        for (std::size_t first = 0; first <= bytes.size(); ++first) {
            for (std::size_t second = first; second <= bytes.size(); ++second) {
                QCOMPARE(transcript({bytes.substr(0, first), bytes.substr(first, second - first),
                                     bytes.substr(second)}),
                         whole);
            }
        }
    }

    void pipelined_requests_come_out_in_order() {
        QCOMPARE(transcript({get("/1") + get("/2") + get("/3")}),
                 "GET /1 [host: h] keep\nGET /2 [host: h] keep\nGET /3 [host: h] keep\n");
    }

    void any_method_is_read_data() {
        QTest::addColumn<QByteArray>("method");
        for (char const* method : {"GET", "HEAD", "POST", "DELETE", "PROPFIND", "x-1"}) {
            QTest::newRow(method) << QByteArray(method);
        }
    }
    void any_method_is_read() {
        QFETCH(QByteArray, method);
        QCOMPARE(transcript({concat(method.toStdString(), " /v HTTP/1.1\r\nHost: h\r\n\r\n")}),
                 concat(method.toStdString(), " /v [host: h] keep\n"));
    }

    void targets_are_decoded_data() {
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<QByteArray>("read");
        QTest::newRow("plain") << QByteArray("/connz") << QByteArray("/connz");
        QTest::newRow("escaped path") << QByteArray("/a%2Fb%20c") << QByteArray("/a/b c");
        QTest::newRow("plus in path") << QByteArray("/a+b") << QByteArray("/a+b");
        QTest::newRow("query") << QByteArray("/c?a=1&b=%24G&a=2")
                               << QByteArray("/c ?a=1 ?b=$G ?a=2");
        QTest::newRow("plus in query") << QByteArray("/c?a=x+y") << QByteArray("/c ?a=x y");
        QTest::newRow("no value") << QByteArray("/c?a&b=") << QByteArray("/c ?a= ?b=");
        QTest::newRow("empty query") << QByteArray("/c?") << QByteArray("/c");
        QTest::newRow("malformed parts")
            << QByteArray("/c?a=%zz&b=1;c=2&&d=3") << QByteArray("/c ?d=3");
        QTest::newRow("truncated escape") << QByteArray("/c?a=%4") << QByteArray("/c");
        QTest::newRow("absolute") << QByteArray("http://h:1/v?x=1") << QByteArray("/v ?x=1");
        QTest::newRow("absolute root") << QByteArray("HTTP://h") << QByteArray("/");
        QTest::newRow("absolute query") << QByteArray("http://h?x=1") << QByteArray("/ ?x=1");
        QTest::newRow("server") << QByteArray("*") << QByteArray("*");
    }
    void targets_are_decoded() {
        QFETCH(QByteArray, target);
        QFETCH(QByteArray, read);
        QCOMPARE(transcript({get(target.toStdString())}),
                 concat("GET ", read.toStdString(), " [host: h] keep\n"));
    }

    void connections_are_kept_or_not_data() {
        QTest::addColumn<QByteArray>("version");
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<bool>("kept");
        QTest::newRow("1.1") << QByteArray("HTTP/1.1") << QByteArray() << true;
        QTest::newRow("1.1 close")
            << QByteArray("HTTP/1.1") << QByteArray("Connection: Close\r\n") << false;
        QTest::newRow("1.1 both") << QByteArray("HTTP/1.1")
                                  << QByteArray("Connection: close\r\nConnection: keep-alive\r\n")
                                  << false;
        QTest::newRow("1.0") << QByteArray("HTTP/1.0") << QByteArray() << false;
        QTest::newRow("1.0 keep") << QByteArray("HTTP/1.0")
                                  << QByteArray("connection: Keep-Alive\r\n") << true;
    }
    void connections_are_kept_or_not() {
        QFETCH(QByteArray, version);
        QFETCH(QByteArray, header);
        QFETCH(bool, kept);
        HttpRequestParser parser;
        parser.feed(concat("GET / ", version.toStdString(), "\r\nHost: h\r\n", header.toStdString(),
                           "\r\n"));
        auto next = parser.next();
        QVERIFY(next.ok() && next.value().has_value());
        QCOMPARE(next.value()->keep_alive, kept);
    }

    void malformed_requests_are_refused_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("status");
        auto row = [](char const* name, std::string const& bytes, int status) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << status;
        };
        row("garbage", "\x01\x02\x03\r\n", 400);
        row("old HTTP", "GET /\r\n", 400);
        row("blanks", "GET  / HTTP/1.1\r\n", 400);
        row("version 2", "PRI * HTTP/2.0\r\n", 505);
        row("not HTTP", "GET / NATS/1.0\r\n", 400);
        row("method", "G:T / HTTP/1.1\r\n", 400);
        row("relative target", "GET varz HTTP/1.1\r\n", 400);
        row("foreign scheme", "GET ftp://h/x HTTP/1.1\r\n", 400);
        row("escape in path", "GET /%4 HTTP/1.1\r\n", 400);
        row("no host", "GET / HTTP/1.1\r\n\r\n", 400);
        row("two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400);
        row("no colon", "GET / HTTP/1.1\r\nHost\r\n", 400);
        row("blank before colon", "GET / HTTP/1.1\r\nHost : h\r\n", 400);
        row("continued", "GET / HTTP/1.1\r\nHost: h\r\n more\r\n", 400);
        row("control in value", std::string("GET / HTTP/1.1\r\nHost: a\0b\r\n", 28), 400);
        row("carriage return", "GET / HTTP/1.1\r\nHost: a\rb\r\n", 400);
        row("chunked", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", 411);
        row("coded", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501);
        row("length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400);
        row("no length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n", 400);
        row("two lengths",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400);
        row("huge length",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n", 413);
        row("large length", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048577\r\n\r\n", 413);
    }
    void malformed_requests_are_refused() {
        QFETCH(QByteArray, bytes);
        QFETCH(int, status);
        HttpRequestParser parser;
        parser.feed(bytes.toStdString());
        auto const first = parser.next();
        QVERIFY(!first.ok());
        QCOMPARE(parser.refusal_status(), status);
        parser.feed(get("/"));
        auto const again = parser.next();
        QVERIFY(!again.ok());
        QCOMPARE(again.error().detail(), first.error().detail());
    }

    void lines_and_headers_have_limits_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("status");
        auto row = [](char const* name, std::string const& bytes, int status) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << status;
        };
        std::string const long_path(30, 'x');
        row("line that fits", "GET /xxxxxxxxx HTTP/1.1\r\nHost: h\r\n\r\n", 0);
        row("line", concat("GET /", long_path, " HTTP/1.1\r\n"), 414);
        row("line without end", concat("GET /", long_path), 414);
        row("header", concat("GET / HTTP/1.1\r\nA: ", std::string(80, 'x')), 431);
        row("headers",
            concat("GET / HTTP/1.1\r\nA: ", std::string(40, 'x'), "\r\nB: ", std::string(40, 'x'),
                   "\r\n"),
            431);
        row("fields", "GET / HTTP/1.1\r\nA:\r\nB:\r\nC:\r\nD:\r\n", 431);
    }
    void lines_and_headers_have_limits() {
        QFETCH(QByteArray, bytes);
        QFETCH(int, status);
        HttpRequestParser parser({.line_bytes = 24, .headers_bytes = 64, .fields = 3});
        parser.feed(bytes.toStdString());
        QCOMPARE(parser.next().ok(), status == 0);
        QCOMPARE(parser.refusal_status(), status);
    }

    void a_body_is_skipped_without_being_kept() {
        HttpRequestParser parser;
        parser.feed("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
        QVERIFY(parser.next().value().has_value());
        for (int i = 0; i < 1'000; ++i) {
            QVERIFY(parser.is_within_request());
            parser.feed(std::string(1'000, 'b'));
            QVERIFY(!parser.next().value().has_value());
            QCOMPARE(parser.buffered(), std::size_t{0});
        }
        QVERIFY(!parser.is_within_request());
        parser.feed(get("/after"));
        QCOMPARE(parser.next().value()->path, "/after");
    }

    void an_unfinished_request_is_known_as_one() {
        HttpRequestParser parser;
        QVERIFY(!parser.is_within_request());
        parser.feed("GET / HTT");
        QVERIFY(!parser.next().value().has_value());
        QVERIFY(parser.is_within_request());
        parser.feed("P/1.1\r\nHost: h\r\n\r\n");
        QVERIFY(parser.next().value().has_value());
        QVERIFY(!parser.is_within_request());
    }

    void the_first_parameter_of_a_name_counts() {
        HttpRequestParser parser;
        parser.feed(get("/c?limit=1&limit=2"));
        HttpRequest const request = *parser.next().value();
        QVERIFY(request.parameter("limit") == "1");
        QVERIFY(!request.parameter("offset").has_value());
        QVERIFY(request.field("host") == "h");
        QVERIFY(!request.field("accept").has_value());
    }
};

SIGNALBOX_TEST(HttpRequestTest);

}  // namespace signalbox::protocol

#include "http_request_test.moc"
