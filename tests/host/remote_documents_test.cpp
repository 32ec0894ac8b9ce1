#include "engine/host/remote_documents.h"

#include "engine/base/text.h"
#include "engine/host/remote_options.h"

#include "tests/support/run_tests.h"

namespace signalbox::host {

namespace {

Json json(std::string_view text) {
    return Json::parse(text).value();
}

std::int64_t milliseconds_of(WallTime time) {
    return time.since_epoch() / base::milliseconds(1);
}

template <class T>
std::string code_of(Result<T> const& result) {
    return result.ok() ? "ok" : std::string(name_of(result.error().code()));
}

}  // namespace

/// What servers of many versions say, as it is read.
class RemoteDocumentsTest : public QObject {
    Q_OBJECT

private slots:
    void times_are_read_as_written_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<qint64>("milliseconds");
        QTest::newRow("UTC") << "1970-01-01T00:00:01Z" << qint64{1'000};
        QTest::newRow("nanoseconds") << "1970-01-01T00:00:00.123456789Z" << qint64{123};
        QTest::newRow("more digits than there are")
            << "1970-01-01T00:00:00.1234567891Z" << qint64{123};
        QTest::newRow("east") << "1970-01-01T02:00:00+01:30" << qint64{1'800'000};
        QTest::newRow("west") << "1970-01-01T00:00:00-05:00" << qint64{18'000'000};
        QTest::newRow("leap day") << "2024-02-29T00:00:00Z" << qint64{1'709'164'800'000};
        for (char const* const wrong :
             {"", "1970", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01T00:00:00z",
              "0001-01-01T00:00:00Z", "1970-13-01T00:00:00Z", "2023-02-29T00:00:00Z",
              "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z", "1970-01-01T00:00:00+01",
              "1970-01-01T00:00:00Zx", "1970/01/01T00:00:00Z", "9999-01-01T00:00:00Z"}) {
            QTest::newRow(wrong) << wrong << qint64{-1};
        }
    }
    void times_are_read_as_written() {
        QFETCH(QString, text);
        QFETCH(qint64, milliseconds);
        std::optional<WallTime> const time = parse_rfc3339(text.toStdString());
        QCOMPARE(time ? milliseconds_of(*time) : -1, milliseconds);
    }

    void what_is_absent_or_of_another_type_is_not_said() {
        ServerFigures const figures =
            read_varz(json(R"({"server_id":"N","connections":"many","in_msgs":-4,"port":70000,)"
                           R"("start":7,"cluster":[],"cpu":"x","mem":1.5})"))
                .value();
        QCOMPARE(figures.connections, 0U);
        QCOMPARE(figures.traffic.in_msgs, 0U);
        QCOMPARE(figures.port, 0U);
        QCOMPARE(figures.cores, 0.0);
        QCOMPARE(figures.cluster, std::string());
        QVERIFY(!figures.start.is_set());
    }

    void other_documents_are_told_apart() {
        Json const other = json(R"({"hello":1})");
        QCOMPARE(code_of(read_varz(other)), std::string("Malformed"));
        QCOMPARE(code_of(read_connz(other)), std::string("Malformed"));
        QCOMPARE(code_of(read_subsz(other)), std::string("Malformed"));
        QCOMPARE(code_of(read_accstatz(other)), std::string("Malformed"));
        QCOMPARE(code_of(read_client_event(other)), std::string("Malformed"));
        QCOMPARE(code_of(read_greeting(json("[]"))), std::string("Malformed"));
        // nats-server writes null where there is none.
        QCOMPARE(read_connz(json(R"({"connections":null})")).value().connections.size(),
                 std::size_t{0});
        QCOMPARE(read_connz(json(R"({"connections":[1,"x",{}]})")).value().connections.size(),
                 std::size_t{1});
    }

    void an_answer_holds_data_or_an_error() {
        QCOMPARE(code_of(data_of_answer(json(R"({"data":{}})"))), std::string("ok"));
        QCOMPARE(code_of(data_of_answer(json(R"({"data":{},"error":null})"))), std::string("ok"));
        QCOMPARE(code_of(data_of_answer(json(R"({"server":{}})"))), std::string("Malformed"));
        Json const error = json(R"({"error":{"code":400,"description":"why"}})");
        QCOMPARE(code_of(data_of_answer(error)), std::string("Unavailable"));
        QCOMPARE(data_of_answer(error).error().detail(), std::string("why"));
    }

    void urls_of_servers_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("read");
        QTest::newRow("host") << "example"
                              << "example:4222";
        QTest::newRow("port") << "nats://example:5222/"
                              << "example:5222";
        QTest::newRow("tls") << "TLS://example"
                             << "example:4222 tls";
        QTest::newRow("several") << "a:1, nats://b"
                                 << "a:1 b:4222";
        QTest::newRow("v6") << "nats://[::1]:9"
                            << "::1:9";
        QTest::newRow("user") << "nats://bob:p%40ss@h"
                              << "h:4222 bob/p@ss";
        QTest::newRow("token") << "nats://tok@h"
                               << "h:4222 token=tok";
        for (char const* const wrong : {"", "nats://", "http://h", "h:0", "h:70000", "h:x", "[::1",
                                        "a b", "nats://h,", "nats://%zz:x@h"}) {
            QTest::newRow(wrong) << wrong << "InvalidArgument";
        }
    }
    void urls_of_servers() {
        QFETCH(QString, text);
        QFETCH(QString, read);
        Result<ServerUrls> const urls = parse_server_urls(text.toStdString());
        if (!urls.ok()) {
            QVERIFY(read == QLatin1String("InvalidArgument"));
            return;
        }
        std::string said;
        for (client::ServerAddress const& one : urls.value().servers) {
            append(said, said.empty() ? "" : " ", one.host, ':', one.port);
        }
        RemoteIdentity const& who = urls.value().identity;
        if (!who.user.empty()) {
            append(said, ' ', who.user, '/', who.password.reveal());
        }
        if (!who.token.empty()) {
            append(said, " token=", who.token.reveal());
        }
        append(said, urls.value().tls ? " tls" : "");
        QCOMPARE(said, read.toStdString());
    }

    void urls_of_monitoring() {
        MonitoringUrl const url = parse_monitoring_url("https://h:1/base/").value();
        QCOMPARE(url.host, std::string("h"));
        QCOMPARE(url.port, 1U);
        QCOMPARE(url.base_path, std::string("/base"));
        QVERIFY(url.tls);
        QCOMPARE(url_of(url, "/varz"), std::string("https://h:1/base/varz"));
        QCOMPARE(url_of({.host = "::1", .port = 2}, "/varz"), std::string("http://[::1]:2/varz"));
        QCOMPARE(parse_monitoring_url("h").value().port, 8222U);
        QCOMPARE(code_of(parse_monitoring_url("nats://h")), std::string("InvalidArgument"));
        QCOMPARE(code_of(parse_monitoring_url("http://h/a b")), std::string("InvalidArgument"));
    }
};

SIGNALBOX_TEST(RemoteDocumentsTest);

}  // namespace signalbox::host

#include "remote_documents_test.moc"
