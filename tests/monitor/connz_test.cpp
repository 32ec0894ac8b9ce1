#include "engine/monitor/connz.h"

#include "engine/base/text.h"

#include "tests/monitor/inventory.h"
#include "tests/support/run_tests.h"

namespace signalbox::monitor {
namespace {

Answer ask(Inventory& source, std::string_view target, WallTime now = after(base::hours(1))) {
    protocol::HttpRequest const request = request_for(target);
    auto const options = ConnzOptions::read(Query(request));
    return options.ok() ? connz(source, options.value(), now)
                        : refusal(400, options.error().detail());
}

/// The cids of the list, in order, with blanks between them.
std::string cids(Inventory& source, std::string_view target) {
    Json const document = whole_json(ask(source, target));
    std::string out;
    for (Json const& c : *document.find("connections")->as_array()) {
        append(out, out.empty() ? "" : " ", number_at(c, "cid"));
    }
    return out;
}

Json first(Inventory& source, std::string_view target) {
    return whole_json(ask(source, target)).find("connections")->as_array()->front();
}

/// Three that are open and two that are closed, no two alike.
void fill(Inventory& source) {
    auto& one = source.add(1, "one", "ann");
    one.in_msgs = 10;
    one.out_bytes = 7;
    one.rtt = base::milliseconds(2);
    auto& two = source.add(2, "two", "bob");
    two.in_bytes = 50;
    two.pending_bytes = 9;
    two.last_activity = after(base::minutes(30));
    auto& three = source.add(3, "three", "ann", "OTHER");
    three.out_msgs = 3;
    three.rtt = Duration{0};
    source.subscribe(3, "a.>");
    source.add(4, "four", "ann");
    source.subscribe(4, "b", "q");
    source.close(4, "Stale Connection", after(base::minutes(10)));
    source.add(5, "five", "eve", "OTHER");
    source.close(5, "Client Closed", after(base::minutes(20)));
}

}  // namespace

class ConnzTest : public QObject {
    Q_OBJECT

private slots:
    void fields_stand_in_the_order_of_the_reference() {
        Inventory source;
        source.add(7, "n", "ann", "A").stalls = 1;
        source.subscribe(7, "x");
        Json const document = whole_json(ask(source, "/connz?auth=1&subs=1"));
        QCOMPARE(keys_of(document),
                 (std::vector<std::string>{"server_id", "now", "num_connections", "total", "offset",
                                           "limit", "connections"}));
        QCOMPARE(keys_of(document.find("connections")->as_array()->front()),
                 (std::vector<std::string>{"cid",
                                           "kind",
                                           "type",
                                           "ip",
                                           "port",
                                           "start",
                                           "last_activity",
                                           "rtt",
                                           "uptime",
                                           "idle",
                                           "pending_bytes",
                                           "in_msgs",
                                           "out_msgs",
                                           "in_bytes",
                                           "out_bytes",
                                           "stalls",
                                           "subscriptions",
                                           "name",
                                           "lang",
                                           "version",
                                           "authorized_user",
                                           "account",
                                           "subscriptions_list",
                                           "name_tag"}));
    }

    void a_document_is_indented_by_two() {
        Inventory source;
        QCOMPARE(whole_text(ask(source, "/connz", kStart)),
                 "{\n  \"server_id\": \"NTEST\",\n  \"now\": \"2023-11-14T22:13:20Z\",\n"
                 "  \"num_connections\": 0,\n  \"total\": 0,\n  \"offset\": 0,\n"
                 "  \"limit\": 1024,\n  \"connections\": []\n}");
    }

    void who_it_is_is_shown_only_when_asked() {
        Inventory source;
        source.add(1, "n", "ann", "A");
        QCOMPARE(text_at(first(source, "/connz?auth=1"), "authorized_user"), "ann");
        QCOMPARE(text_at(first(source, "/connz?auth=1"), "account"), "A");
        QCOMPARE(text_at(first(source, "/connz?auth=1"), "name_tag"), "A");
        QCOMPARE(text_at(first(source, "/connz"), "authorized_user"), "(none)");
        QCOMPARE(text_at(first(source, "/connz"), "account"), "(none)");
        QCOMPARE(text_at(first(source, "/connz"), "name_tag"), "(none)");
    }

    void the_global_account_is_not_named() {
        Inventory source;
        source.add(1, "n", "ann");
        QCOMPARE(text_at(first(source, "/connz?auth=1"), "account"), "(none)");
        QCOMPARE(text_at(first(source, "/connz?auth=1"), "name_tag"), "$G");
    }

    void round_trip_times_are_written_to_the_microsecond_data() {
        QTest::addColumn<qint64>("nanoseconds");
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("unknown") << qint64{0} << QByteArray("0s");
        QTest::newRow("below one") << qint64{900} << QByteArray("900ns");
        QTest::newRow("microseconds") << qint64{312'999} << QByteArray("312\302\265s");
        QTest::newRow("milliseconds") << qint64{1'500'001} << QByteArray("1.500001ms");
    }
    void round_trip_times_are_written_to_the_microsecond() {
        QFETCH(qint64, nanoseconds);
        QFETCH(QByteArray, text);
        Inventory source;
        source.add(1).rtt = Duration(nanoseconds);
        QCOMPARE(text_at(first(source, "/connz"), "rtt"), text.toStdString());
    }

    void an_unknown_round_trip_time_is_measured() {
        Inventory source;
        fill(source);
        whole_text(ask(source, "/connz"));
        QCOMPARE(source.measured, std::vector<std::uint64_t>{3});
    }

    void a_closed_connection_says_when_and_why() {
        Inventory source;
        fill(source);
        Json const c = first(source, "/connz?state=closed&cid=4");
        QCOMPARE(text_at(c, "reason"), "Stale Connection");
        QCOMPARE(text_at(c, "stop"), "2023-11-14T22:23:20Z");
        QCOMPARE(text_at(c, "uptime"), "9m56s");
        QCOMPARE(text_at(c, "idle"), "9m56s");
    }

    void subscriptions_are_listed_in_two_ways() {
        Inventory source;
        source.add(1);
        source.subscribe(1, "a.>");
        source.subscribe(1, "b", "q");
        source.subscriptions.front().max = 5;
        Json const brief = first(source, "/connz?subs=true");
        QCOMPARE(brief.find("subscriptions_list")->as_array()->size(), std::size_t{2});
        Json const full = first(source, "/connz?subs=Detail");
        auto const& list = *full.find("subscriptions_list_detail")->as_array();
        QCOMPARE(keys_of(list[0]),
                 (std::vector<std::string>{"subject", "sid", "msgs", "max", "cid"}));
        QCOMPARE(keys_of(list[1]),
                 (std::vector<std::string>{"subject", "qgroup", "sid", "msgs", "cid"}));
        QVERIFY(first(source, "/connz").find("subscriptions_list") == nullptr);
    }

    void a_closed_connection_remembers_its_subscriptions_with_their_account() {
        Inventory source;
        fill(source);
        Json const c = first(source, "/connz?state=closed&cid=4&subs=detail");
        auto const& list = *c.find("subscriptions_list_detail")->as_array();
        QCOMPARE(keys_of(list.front()),
                 (std::vector<std::string>{"account", "account_tag", "subject", "qgroup", "sid",
                                           "msgs", "cid"}));
    }

    void lists_are_sorted_data() {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QByteArray>("order");
        auto row = [](char const* query, char const* order) {
            QTest::newRow(query) << QByteArray(query) << QByteArray(order);
        };
        row("sort=", "1 2 3");
        row("sort=cid", "1 2 3");
        row("sort=start", "1 2 3");
        row("sort=subs", "3 1 2");
        row("sort=pending", "2 1 3");
        row("sort=msgs_to", "3 1 2");
        row("sort=msgs_from", "1 2 3");
        row("sort=bytes_to", "1 2 3");
        row("sort=bytes_from", "2 1 3");
        row("sort=last", "2 3 1");
        row("sort=idle", "1 3 2");
        row("sort=uptime", "3 2 1");
        row("sort=rtt", "1 2 3");
        row("state=closed&sort=stop", "5 4");
        row("state=closed&sort=reason", "5 4");
        row("state=closed&sort=idle", "5 4");
        row("state=any&sort=cid", "1 2 3 4 5");
    }
    void lists_are_sorted() {
        QFETCH(QByteArray, query);
        QFETCH(QByteArray, order);
        Inventory source;
        fill(source);
        QCOMPARE(cids(source, concat("/connz?", query.toStdString())), order.toStdString());
    }

    void lists_are_filtered_and_paged_data() {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QByteArray>("found");
        QTest::addColumn<int>("total");
        auto row = [](char const* query, char const* found, int total) {
            QTest::newRow(query) << QByteArray(query) << QByteArray(found) << total;
        };
        row("", "1 2 3", 3);
        row("state=OPEN", "1 2 3", 3);
        row("state=closed", "4 5", 2);
        row("state=ALL", "1 2 3 4 5", 5);
        row("user=ann", "1 3", 3);
        row("user=ann&state=any", "1 3 4", 5);
        row("acc=OTHER", "3", 1);
        row("acc=OTHER&state=any", "3 5", 2);
        row("acc=%24G", "1 2", 2);
        row("acc=%24G&state=closed", "", 0);
        row("acc=none", "", 0);
        row("mqtt_client=x", "", 3);
        row("cid=2", "2", 3);
        row("cid=2&offset=1", "2", 3);
        row("cid=4", "", 3);
        row("cid=4&state=any", "4", 5);
        row("limit=2", "1 2", 3);
        row("limit=2&offset=2", "3", 3);
        row("limit=1&offset=1&sort=rtt", "2", 3);
        row("offset=50", "", 3);
        row("offset=-3", "1 2 3", 3);
        row("limit=0", "1 2 3", 3);
        row("limit=-7", "1 2 3", 3);
        row("limit=9223372036854775807&offset=9223372036854775807", "", 3);
    }
    void lists_are_filtered_and_paged() {
        QFETCH(QByteArray, query);
        QFETCH(QByteArray, found);
        QFETCH(int, total);
        Inventory source;
        fill(source);
        std::string const target = concat("/connz?", query.toStdString());
        QCOMPARE(cids(source, target), found.toStdString());
        QCOMPARE(number_at(whole_json(ask(source, target)), "total"), std::int64_t{total});
    }

    void options_that_cannot_be_read_are_refused_data() {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QByteArray>("text");
        auto row = [](char const* query, char const* text) {
            QTest::newRow(query) << QByteArray(query) << QByteArray(text);
        };
        row("sort=x", "invalid sorting option: x");
        row("sort=CID", "invalid sorting option: CID");
        row("sort=stop", "sort by stop only valid on closed connections");
        row("sort=stop&state=any", "sort by stop only valid on closed connections");
        row("sort=reason", "sort by reason only valid on closed connections");
        row("auth=x",
            "Error decoding boolean for 'auth': strconv.ParseBool: parsing \"x\": invalid syntax");
        row("subs=all",
            "Error decoding boolean for 'subs': strconv.ParseBool: parsing \"all\": "
            "invalid syntax");
        row("offset=x",
            "Error decoding int for 'offset': strconv.Atoi: parsing \"x\": invalid syntax");
        row("limit=99999999999999999999",
            "Error decoding int for 'limit': strconv.Atoi: parsing \"99999999999999999999\": "
            "value out of range");
        row("cid=-1",
            "Error decoding uint64 for 'cid': strconv.ParseUint: parsing \"-1\": invalid syntax");
        row("state=Foo", "Error decoding state for Foo");
    }
    void options_that_cannot_be_read_are_refused() {
        QFETCH(QByteArray, query);
        QFETCH(QByteArray, text);
        Inventory source;
        Answer const answer = ask(source, concat("/connz?", query.toStdString()));
        QCOMPARE(answer.status, 400);
        QCOMPARE(answer.content_type, kTextType);
        QCOMPARE(answer.text, text.toStdString());
    }

    void a_long_list_comes_in_parts() {
        Inventory source;
        for (std::uint64_t cid = 1; cid <= 5'000; ++cid) {
            source.add(cid);
        }
        Answer answer = ask(source, "/connz?limit=5000");
        QVERIFY(answer.rest != nullptr);
        QVERIFY(answer.text.size() < 100'000);
        Json const document = whole_json(std::move(answer));
        QCOMPARE(document.find("connections")->as_array()->size(), std::size_t{5'000});
    }
};

SIGNALBOX_TEST(ConnzTest);

}  // namespace signalbox::monitor

#include "connz_test.moc"
