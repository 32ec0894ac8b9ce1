#include "engine/monitor/monitor_listener.h"

#include "engine/base/text.h"
#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"

#include "tests/monitor/inventory.h"
#include "tests/support/raw_client.h"
#include "tests/support/run_tests.h"

namespace signalbox::monitor {
namespace {

using base::milliseconds;
using base::seconds;
using support::RawClient;

constexpr std::uint16_t kPort = 8'222;

std::string get(std::string_view target, std::string_view more = {}) {
    return concat("GET ", target, " HTTP/1.1\r\nHost: h\r\n", more, "\r\n");
}

std::size_t count_of(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) {
        ++count;
    }
    return count;
}

/// What follows the head of the one response in `text`, chunks put together.
std::string body_of(std::string_view text) {
    std::size_t const end = text.find("\r\n\r\n");
    bool const chunked = text.substr(0, end).find("chunked") != text.npos;
    std::string_view rest = text.substr(end + 4);
    if (!chunked) {
        return std::string(rest);
    }
    std::string body;
    while (true) {
        std::size_t const line = rest.find("\r\n");
        auto const size = std::stoul(std::string(rest.substr(0, line)), nullptr, 16);
        if (size == 0) {
            return rest.substr(line) == "\r\n\r\n" ? body : "not ended";
        }
        body += rest.substr(line + 2, size);
        rest.remove_prefix(line + 2 + size + 2);
    }
}

/// A monitored server on one machine, and its visitors on another.
class Stage {
public:
    explicit Stage(MonitorSettings settings = {}) {
        universe_.exchange().add_machine("server", "10.0.0.1");
        universe_.exchange().add_machine("visitor", "10.0.0.2");
        server_world =
            std::make_unique<sim::SimWorld>(universe_.simulation(), universe_.exchange(), "server");
        visitor_world = std::make_unique<sim::SimWorld>(universe_.simulation(),
                                                        universe_.exchange(), "visitor");
        monitor = std::make_unique<MonitorListener>(*server_world, source, std::move(settings));
        listener_ = server_world->network()
                        .listen({"0.0.0.0", kPort},
                                [this](std::unique_ptr<world::Link> link) {
                                    monitor->accept(std::move(link));
                                })
                        .value();
    }

    void pass(Duration time) { universe_.simulation().run_for(time); }

    std::unique_ptr<RawClient> visit() {
        auto client = std::make_unique<RawClient>();
        client->connect(*visitor_world, "server", kPort);
        pass(milliseconds(100));
        return client;
    }

    /// All that comes back for `bytes` on a connection of its own.
    std::string ask(std::string_view bytes) {
        auto const client = visit();
        client->send(bytes);
        pass(milliseconds(500));
        return client->take_bytes();
    }

private:
    sim::Universe universe_{1};

public:
    Inventory source;
    std::unique_ptr<sim::SimWorld> server_world;
    std::unique_ptr<sim::SimWorld> visitor_world;
    std::unique_ptr<MonitorListener> monitor;

private:
    std::unique_ptr<world::Listener> listener_;
};

}  // namespace

class MonitorListenerTest : public QObject {
    Q_OBJECT

private slots:
    void a_document_is_answered_and_the_connection_kept() {
        Stage stage;
        auto const client = stage.visit();
        for (int i = 0; i < 3; ++i) {
            client->send(get("/healthz"));
            stage.pass(milliseconds(100));
            std::string const answer = client->take_bytes();
            QVERIFY(answer.starts_with("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"));
            QCOMPARE(body_of(answer), "{\"status\":\"ok\"}");
        }
        QVERIFY(client->is_open());
    }

    void pipelined_requests_are_answered_in_order() {
        Stage stage;
        std::string const answer =
            stage.ask(get("/healthz") + get("/nothing") + get("/subsz", "Connection: close\r\n"));
        QCOMPARE(count_of(answer, "HTTP/1.1 "), std::size_t{3});
        QVERIFY(answer.find("200 OK") < answer.find("404 Not Found"));
        QVERIFY(answer.find("404 page not found\n") < answer.find("num_subscriptions"));
    }

    void every_path_has_its_type_and_status_data() {
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("type");
        auto row = [](char const* target, int status, char const* type) {
            QTest::newRow(target) << status << QByteArray(type);
        };
        row("/", 200, "text/html; charset=utf-8");
        row("/varz", 200, "application/json");
        row("/connz", 200, "application/json");
        row("/connz?sort=x", 400, "text/plain; charset=utf-8");
        row("/subsz", 200, "application/json");
        row("/subscriptionsz", 200, "application/json");
        row("/healthz", 200, "application/json");
        row("/metrics", 200, "text/plain; version=0.0.4; charset=utf-8");
        row("/varz/", 404, "text/plain; charset=utf-8");
        for (char const* target : {"/accountz", "/accstatz", "/accstatz?unused=1", "/routez",
                                   "/routez?subs=detail", "/gatewayz", "/leafz", "/jsz",
                                   "/jsz?acc=A&offset=1", "/ipqueuesz", "/ipqueuesz?all=1"}) {
            row(target, 200, "application/json");
        }
        for (char const* target :
             {"/accountz?acc=Z", "/accstatz?unused=x", "/routez?subs=x", "/gatewayz?accs=x",
              "/leafz?subs=x", "/jsz?accounts=x", "/jsz?offset=x", "/ipqueuesz?all=x"}) {
            row(target, 400, "text/plain; charset=utf-8");
        }
        row("/raftz", 404, "text/plain; charset=utf-8");
        row("/debug/vars", 404, "text/plain; charset=utf-8");
        row("/stacksz", 404, "text/plain; charset=utf-8");
    }
    void every_path_has_its_type_and_status() {
        QFETCH(int, status);
        QFETCH(QByteArray, type);
        Stage stage;
        std::string const answer = stage.ask(get(QTest::currentDataTag()));
        QVERIFY(answer.starts_with(concat("HTTP/1.1 ", status, ' ')));
        QVERIFY(answer.find(concat("Content-Type: ", type.toStdString(), "\r\n")) !=
                std::string::npos);
    }

    void requests_are_counted_by_path() {
        Stage stage;
        for (char const* target : {"/varz", "/varz", "/", "/subscriptionsz", "/nothing"}) {
            stage.ask(get(target));
        }
        auto const& counts = stage.source.stats.counts();
        QCOMPARE(counts.size(), std::size_t{3});
        QCOMPARE(counts.at("/varz"), std::uint64_t{2});
        QCOMPARE(counts.at("/"), std::uint64_t{1});
        QCOMPARE(counts.at("/subsz"), std::uint64_t{1});
    }

    void a_base_path_stands_before_every_path_data() {
        QTest::addColumn<int>("status");
        for (char const* target : {"/mon", "/mon/", "/mon/varz", "/mon/healthz"}) {
            QTest::newRow(target) << 200;
        }
        for (char const* target : {"/", "/varz", "/monvarz", "/mon/nothing"}) {
            QTest::newRow(target) << 404;
        }
    }
    void a_base_path_stands_before_every_path() {
        QFETCH(int, status);
        Stage stage({.base_path = "/mon"});
        QVERIFY(stage.ask(get(QTest::currentDataTag())).starts_with(concat("HTTP/1.1 ", status)));
    }

    void head_has_no_body() {
        Stage stage;
        std::string const answer = stage.ask("HEAD /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
        QVERIFY(answer.find("Content-Length: 15\r\n") != std::string::npos);
        QVERIFY(answer.ends_with("\r\n\r\n"));
    }

    void a_request_with_a_body_is_served_like_any_other() {
        Stage stage;
        std::string const answer = stage.ask(concat(
            "POST /healthz HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody", get("/healthz")));
        QCOMPARE(count_of(answer, "200 OK"), std::size_t{2});
    }

    void a_malformed_request_is_refused_and_closed() {
        Stage stage;
        auto const client = stage.visit();
        client->send("nonsense\r\n");
        stage.pass(milliseconds(100));
        QVERIFY(client->take_bytes().starts_with("HTTP/1.1 400 Bad Request\r\n"));
        stage.pass(seconds(2));
        QVERIFY(!client->is_open());
        QCOMPARE(stage.monitor->connections(), std::size_t{0});
    }

    void a_closing_answer_closes() {
        Stage stage;
        auto const client = stage.visit();
        client->send(get("/healthz", "Connection: close\r\n"));
        stage.pass(milliseconds(100));
        QVERIFY(client->bytes().find("Connection: close\r\n") != std::string::npos);
        QVERIFY(!client->is_open());
    }

    void foreign_pages_may_read_only_when_allowed() {
        Stage strict;
        QCOMPARE(count_of(strict.ask(get("/varz")), "Access-Control"), std::size_t{0});
        Stage open({.allow_any_origin = true});
        QVERIFY(open.ask(get("/varz")).find("\r\nAccess-Control-Allow-Origin: *\r\n") !=
                std::string::npos);
    }

    void the_page_allows_no_script() {
        Stage stage;
        QVERIFY(stage.ask(get("/")).find("Content-Security-Policy: default-src 'none'") !=
                std::string::npos);
    }

    void a_foreign_name_for_this_machine_is_refused() {
        Stage stage({.local_hosts_only = true});
        auto ask = [&](char const* host) {
            return stage.ask(concat("GET /varz HTTP/1.1\r\nHost: ", host, "\r\n\r\n"));
        };
        QVERIFY(ask("evil.example").starts_with("HTTP/1.1 403 Forbidden\r\n"));
        QVERIFY(ask("localhost:8222").starts_with("HTTP/1.1 200 OK\r\n"));
        QVERIFY(ask("127.0.0.1").starts_with("HTTP/1.1 200 OK\r\n"));
    }

    void a_long_document_comes_in_chunks_and_whole() {
        Stage stage;
        for (std::uint64_t cid = 1; cid <= 3'000; ++cid) {
            stage.source.add(cid);
        }
        std::string const answer = stage.ask(get("/connz?limit=3000"));
        QVERIFY(answer.find("Transfer-Encoding: chunked\r\n") != std::string::npos);
        Json const document = Json::parse(body_of(answer)).value();
        QCOMPARE(document.find("connections")->as_array()->size(), std::size_t{3'000});
    }

    void an_old_client_gets_a_long_document_with_its_length() {
        Stage stage;
        for (std::uint64_t cid = 1; cid <= 1'000; ++cid) {
            stage.source.add(cid);
        }
        std::string const answer = stage.ask("GET /connz HTTP/1.0\r\n\r\n");
        QCOMPARE(count_of(answer, "chunked"), std::size_t{0});
        Json const document = Json::parse(body_of(answer)).value();
        QCOMPARE(document.find("connections")->as_array()->size(), std::size_t{1'000});
    }

    void a_slow_reader_gets_all_and_holds_up_nobody() {
        Stage stage;
        for (std::uint64_t cid = 1; cid <= 4'000; ++cid) {
            stage.source.add(cid);
        }
        auto const slow = stage.visit();
        slow->pause();
        slow->send(get("/connz?limit=4000"));
        stage.pass(seconds(1));
        QVERIFY(stage.ask(get("/healthz")).starts_with("HTTP/1.1 200"));
        for (int i = 0; i < 10; ++i) {
            slow->resume();
            stage.pass(milliseconds(1));
            slow->pause();
            stage.pass(seconds(5));
        }
        slow->resume();
        stage.pass(seconds(5));
        Json const document = Json::parse(body_of(slow->bytes())).value();
        QCOMPARE(document.find("connections")->as_array()->size(), std::size_t{4'000});
    }

    void who_reads_nothing_is_dropped() {
        Stage stage;
        for (std::uint64_t cid = 1; cid <= 4'000; ++cid) {
            stage.source.add(cid);
        }
        auto const stuck = stage.visit();
        stuck->pause();
        stuck->send(get("/connz?limit=4000"));
        stage.pass(seconds(29));
        QCOMPARE(stage.monitor->connections(), std::size_t{1});
        stage.pass(seconds(35));
        QCOMPARE(stage.monitor->connections(), std::size_t{0});
    }

    void an_idle_connection_is_dropped() {
        Stage stage;
        auto const client = stage.visit();
        stage.pass(seconds(20));
        client->send(get("/healthz"));
        stage.pass(seconds(25));
        QCOMPARE(stage.monitor->connections(), std::size_t{1});
        stage.pass(seconds(6));
        QCOMPARE(stage.monitor->connections(), std::size_t{0});
    }

    void a_dripping_request_is_dropped() {
        Stage stage;
        auto const client = stage.visit();
        for (int i = 0; i < 12; ++i) {
            client->send(i == 0 ? "GET /" : "x");
            stage.pass(seconds(1));
        }
        QVERIFY(!client->is_open());
        QCOMPARE(client->bytes(), "");
    }

    void more_connections_than_allowed_are_refused() {
        Stage stage({.max_connections = 2});
        auto const first = stage.visit();
        auto second = stage.visit();
        auto const third = stage.visit();
        QVERIFY(third->bytes().starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
        QVERIFY(!third->is_open());
        second->close();
        stage.pass(seconds(1));
        auto const fourth = stage.visit();
        QVERIFY(fourth->is_open());
    }

    void connections_end_with_the_listener() {
        Stage stage;
        for (std::uint64_t cid = 1; cid <= 5'000; ++cid) {
            stage.source.add(cid);
        }
        auto const client = stage.visit();
        client->pause();
        client->send(get("/connz?limit=5000"));
        stage.pass(milliseconds(20));
        stage.monitor.reset();
        client->resume();
        stage.pass(seconds(5));
        QVERIFY(!client->is_open());
    }
};

SIGNALBOX_TEST(MonitorListenerTest);

}  // namespace signalbox::monitor

#include "monitor_listener_test.moc"
