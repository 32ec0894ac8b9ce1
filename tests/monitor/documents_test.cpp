#include "engine/base/text.h"
#include "engine/monitor/cpu_meter.h"
#include "engine/monitor/healthz.h"
#include "engine/monitor/monitor_pages.h"
#include "engine/monitor/prometheus.h"
#include "engine/monitor/root_page.h"
#include "engine/monitor/subsz.h"
#include "engine/monitor/varz.h"

#include "tests/monitor/inventory.h"
#include "tests/support/run_tests.h"

#include <set>

namespace signalbox::monitor {
namespace {

Answer ask_subsz(Inventory const& source, std::string_view target) {
    protocol::HttpRequest const request = request_for(target);
    auto const options = SubszOptions::read(Query(request));
    return options.ok() ? subsz(source, options.value(), kStart)
                        : refusal(400, options.error().detail());
}

Answer ask_healthz(Inventory const& source, std::string_view target) {
    protocol::HttpRequest const request = request_for(target);
    return healthz(source, Query(request));
}

/// `subject`s of the list, in order.
std::string subjects(Inventory const& source, std::string_view target) {
    Json const document = whole_json(ask_subsz(source, target));
    std::string out;
    if (Json const* const list = document.find("subscriptions_list")) {
        for (Json const& s : *list->as_array()) {
            append(out, out.empty() ? "" : " ", text_at(s, "subject"));
        }
    }
    return out;
}

}  // namespace

class DocumentsTest : public QObject {
    Q_OBJECT

private slots:
    void varz_has_the_fields_of_the_reference_in_their_order() {
        Inventory source;
        source.options.server_tags = {"a"};
        source.options.server_metadata = {{"k", "v"}};
        source.options.limits.max_subscriptions = 5;
        source.facts.auth_required = true;
        source.facts.connect_urls = {"h:1"};
        Json const document = whole_json(varz(source));
        QCOMPARE(keys_of(document), (std::vector<std::string>{"server_id",
                                                              "server_name",
                                                              "version",
                                                              "proto",
                                                              "go",
                                                              "signalbox",
                                                              "host",
                                                              "port",
                                                              "auth_required",
                                                              "connect_urls",
                                                              "max_connections",
                                                              "max_subscriptions",
                                                              "ping_interval",
                                                              "ping_max",
                                                              "http_host",
                                                              "http_port",
                                                              "http_base_path",
                                                              "https_port",
                                                              "auth_timeout",
                                                              "max_control_line",
                                                              "max_payload",
                                                              "max_pending",
                                                              "cluster",
                                                              "gateway",
                                                              "leaf",
                                                              "mqtt",
                                                              "websocket",
                                                              "jetstream",
                                                              "tls_timeout",
                                                              "write_deadline",
                                                              "start",
                                                              "now",
                                                              "uptime",
                                                              "mem",
                                                              "cores",
                                                              "gomaxprocs",
                                                              "cpu",
                                                              "connections",
                                                              "total_connections",
                                                              "routes",
                                                              "remotes",
                                                              "leafnodes",
                                                              "in_msgs",
                                                              "in_bytes",
                                                              "in_client_msgs",
                                                              "in_client_bytes",
                                                              "out_msgs",
                                                              "out_bytes",
                                                              "out_client_msgs",
                                                              "out_client_bytes",
                                                              "slow_consumers",
                                                              "stale_connections",
                                                              "stalled_clients",
                                                              "subscriptions",
                                                              "http_req_stats",
                                                              "config_load_time",
                                                              "config_digest",
                                                              "tags",
                                                              "metadata",
                                                              "system_account",
                                                              "slow_consumer_stats",
                                                              "stale_connection_stats",
                                                              "disk_io_wait_stats"}));
    }

    void varz_leaves_out_what_is_not_set() {
        Inventory source;
        source.facts.system_account.clear();
        std::string const text = whole_text(varz(source));
        for (char const* key : {"auth_required", "connect_urls", "max_subscriptions", "tags",
                                "metadata", "system_account"}) {
            QVERIFY2(text.find(concat('"', key, '"')) == std::string::npos, key);
        }
        QVERIFY(text.find("\"jetstream\": {}") != std::string::npos);
    }

    void varz_tells_figures_and_units() {
        Inventory source;
        source.totals.in_msgs.set(3);
        source.totals.out_bytes.set(70);
        source.totals.slow_consumers.set(2);
        source.add(1);
        source.subscribe(1, "a");
        source.stats.count("/varz");
        source.stats.count("/varz");
        Json const document = whole_json(varz(source));
        QCOMPARE(number_at(document, "in_msgs"), std::int64_t{3});
        QCOMPARE(number_at(document, "in_client_msgs"), std::int64_t{3});
        QCOMPARE(number_at(document, "out_bytes"), std::int64_t{70});
        QCOMPARE(number_at(document, "subscriptions"), std::int64_t{1});
        QCOMPARE(number_at(document, "ping_interval"), std::int64_t{120'000'000'000});
        QCOMPARE(number_at(document, "auth_timeout"), std::int64_t{2});
        QCOMPARE(text_at(document, "uptime"), "1d1h0m0s");
        QCOMPARE(document.find("cpu")->as_double().value(), 12.5);
        QCOMPARE(number_at(*document.find("http_req_stats"), "/varz"), std::int64_t{2});
        QCOMPARE(number_at(*document.find("slow_consumer_stats"), "clients"), std::int64_t{2});
        QCOMPARE(text_at(document, "http_base_path"), "");
    }

    void subsz_lists_only_when_asked() {
        Inventory source;
        source.add(1);
        source.subscribe(1, "a.*");
        Json const document = whole_json(ask_subsz(source, "/subsz"));
        QCOMPARE(
            keys_of(document),
            (std::vector<std::string>{"server_id", "now", "num_subscriptions", "num_cache",
                                      "num_inserts", "num_removes", "num_matches", "cache_hit_rate",
                                      "max_fanout", "avg_fanout", "total", "offset", "limit"}));
        QCOMPARE(number_at(document, "num_subscriptions"), std::int64_t{1});
        QCOMPARE(number_at(document, "total"), std::int64_t{0});
        Json const listed = whole_json(ask_subsz(source, "/subsz?subs=1"));
        QCOMPARE(number_at(listed, "total"), std::int64_t{1});
        QCOMPARE(
            keys_of(listed.find("subscriptions_list")->as_array()->front()),
            (std::vector<std::string>{"account", "account_tag", "subject", "sid", "msgs", "cid"}));
    }

    void subsz_filters_and_pages_data() {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QByteArray>("found");
        QTest::addColumn<int>("total");
        auto row = [](char const* query, char const* found, int total) {
            QTest::newRow(query) << QByteArray(query) << QByteArray(found) << total;
        };
        row("", "a.b a.* > x", 4);
        row("test=a.b", "a.b a.* >", 3);
        row("test=x", "> x", 2);
        row("test=a.b&limit=1&offset=1", "a.*", 3);
        row("acc=B", "> x", 2);
        row("acc=B&test=x", "> x", 2);
        row("acc=none", "", 0);
        row("limit=1&offset=2", ">", 4);
        row("offset=9", "", 4);
        row("offset=-1&limit=0", "a.b a.* > x", 4);
    }
    void subsz_filters_and_pages() {
        QFETCH(QByteArray, query);
        QFETCH(QByteArray, found);
        QFETCH(int, total);
        Inventory source;
        source.add(1, "", "", "A");
        source.subscribe(1, "a.b");
        source.subscribe(1, "a.*");
        source.add(2, "", "", "B");
        source.subscribe(2, ">");
        source.subscribe(2, "x");
        std::string const target = concat("/subsz?subs=1&", query.toStdString());
        QCOMPARE(subjects(source, target), found.toStdString());
        QCOMPARE(number_at(whole_json(ask_subsz(source, target)), "total"), std::int64_t{total});
    }

    void subsz_refuses_a_test_with_wildcards() {
        Inventory const source;
        Answer const answer = ask_subsz(source, "/subsz?test=foo.*");
        QCOMPARE(answer.status, 400);
        QCOMPARE(answer.text, "invalid test subject, must be valid publish subject: foo.*");
    }

    void health_is_ok_or_says_what_is_wrong_data() {
        QTest::addColumn<QByteArray>("missing");
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<int>("status");
        QTest::addColumn<QByteArray>("text");
        auto row = [](char const* missing, char const* target, int status, char const* text) {
            QTest::addRow("%s %s", target, missing)
                << QByteArray(missing) << QByteArray(target) << status << QByteArray(text);
        };
        char const* const ok = "{\"status\":\"ok\"}";
        row("", "/healthz", 200, ok);
        row("", "/healthz?js-enabled-only=true&js-server-only=1", 200, ok);
        row("", "/healthz?account=A&stream=S&consumer=C", 200, ok);
        row("", "/healthz?stream=S", 400,
            "{\"status\":\"error\",\"error\":\"\\\"account\\\" must not be empty when checking "
            "stream health\"}");
        row("", "/healthz?consumer=C&details=1", 400,
            "{\"status\":\"error\",\"errors\":[{\"type\":\"BAD_REQUEST\",\"error\":"
            "\"\\\"stream\\\" must not be empty when checking consumer health\"}]}");
        row("server", "/healthz", 500,
            "{\"status\":\"error\",\"error\":\"failed to be ready for connections after 1ms: "
            "server\"}");
        row("server", "/healthz?details=1", 500,
            "{\"status\":\"error\",\"errors\":[{\"type\":\"CONNECTION\",\"error\":\"failed to be "
            "ready for connections after 1ms: server\"}]}");
        row("", "/healthz?details=x", 400,
            "Error decoding boolean for 'details': strconv.ParseBool: parsing \"x\": "
            "invalid syntax");
    }
    void health_is_ok_or_says_what_is_wrong() {
        QFETCH(QByteArray, missing);
        QFETCH(QByteArray, target);
        QFETCH(int, status);
        QFETCH(QByteArray, text);
        Inventory source;
        source.missing = missing.toStdString();
        Answer const answer = ask_healthz(source, target.toStdString());
        QCOMPARE(answer.status, status);
        QCOMPARE(answer.text, text.toStdString());
    }

    void every_metric_has_help_a_type_and_the_prefix() {
        Inventory source;
        source.stats.count("/varz");
        source.of_system.events = 7;
        std::set<std::string> helped;
        std::set<std::string> typed;
        std::string const text = prometheus(source);
        QVERIFY(text.ends_with('\n'));
        for (std::string_view const line :
             base::split(std::string_view(text).substr(0, text.size() - 1), '\n')) {
            auto const words = base::split(line, ' ');
            if (line.starts_with("# HELP ")) {
                QVERIFY(helped.emplace(words[2]).second);
            } else if (line.starts_with("# TYPE ")) {
                bool const counter = words[3] == "counter";
                QCOMPARE(words[2].ends_with("_total"), counter);
                typed.emplace(words[2]);
            } else {
                std::string const name(line.substr(0, line.find_first_of(" {")));
                QVERIFY2(helped.contains(name) && typed.contains(name), name.c_str());
                QVERIFY(name.starts_with("signalbox_"));
            }
        }
        QVERIFY(helped.size() > 20);
    }

    void metrics_do_not_grow_with_the_clients() {
        Inventory source;
        auto lines = [&] {
            std::string const text = prometheus(source);
            return std::ranges::count(text, '\n');
        };
        auto const before = lines();
        for (std::uint64_t cid = 1; cid <= 100; ++cid) {
            source.accounts.push_back({.stat = {.account = concat("A", cid), .connections = 1}});
            source.add(cid, "name", "user", concat("A", cid));
            source.subscribe(cid, concat("s.", cid));
        }
        QCOMPARE(lines(), before);
    }

    void labels_are_escaped() {
        Inventory source;
        source.facts.name = "a\"b\\c\nd";
        QVERIFY(prometheus(source).find("server_name=\"a\\\"b\\\\c\\nd\"} 1") != std::string::npos);
    }

    void the_root_page_links_below_the_base_path_and_has_no_script() {
        std::string const page = root_page("2.15.0", "0.1.0", "/mon");
        QVERIFY(page.find("href=\"/mon/varz\"") != std::string::npos);
        QVERIFY(page.find("v2.15.0") != std::string::npos);
        QVERIFY(page.find("<script") == std::string::npos);
        QVERIFY(root_page("2.15.0", "0.1.0", "/").find("href=\"/varz\"") != std::string::npos);
    }

    void cpu_is_the_time_used_over_the_time_passed() {
        CpuMeter meter;
        QCOMPARE(meter.percent(Instant(base::seconds(10)), base::seconds(5)), 0.0);
        QCOMPARE(meter.percent(Instant(base::milliseconds(10'500)), base::seconds(6)), 0.0);
        QCOMPARE(meter.percent(Instant(base::seconds(14)), base::seconds(7)), 50.0);
        QCOMPARE(meter.percent(Instant(base::milliseconds(14'100)), base::seconds(7)), 50.0);
    }

    void local_hosts_are_known_data() {
        QTest::addColumn<bool>("local");
        for (char const* host :
             {"localhost", "localhost:8222", "LOCALHOST", "localhost.", "a.localhost:1",
              "127.0.0.1", "127.0.0.1:8222", "10.0.0.7:1", "[::1]:8222", "[::1]"}) {
            QTest::newRow(host) << true;
        }
        for (char const* host :
             {"evil.example", "evil.example:8222", "localhost.evil.example", "notlocalhost",
              "127.0.0.1.evil.example", "", "[evil]", "[::1", "1.2.3.4x"}) {
            QTest::newRow(host) << false;
        }
    }
    void local_hosts_are_known() {
        QFETCH(bool, local);
        QCOMPARE(is_local_host(QTest::currentDataTag()), local);
    }
};

SIGNALBOX_TEST(DocumentsTest);

}  // namespace signalbox::monitor

#include "documents_test.moc"
