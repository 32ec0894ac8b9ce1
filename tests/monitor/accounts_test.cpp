#include "engine/monitor/absent_parts.h"
#include "engine/monitor/accountz.h"
#include "engine/monitor/accstatz.h"

#include "tests/monitor/inventory.h"
#include "tests/support/run_tests.h"

namespace signalbox::monitor {
namespace {

using Names = std::vector<std::string>;

AccountFacts account(std::string name, std::int64_t connections) {
    return {.stat = {.account = name,
                     .name = name,
                     .connections = connections,
                     .leafnodes = 0,
                     .subscriptions = 3,
                     .sent = {5, 50},
                     .received = {4, 40},
                     .slow_consumers = 1},
            .updated = kStart};
}

/// The names in the array of that name.
Names texts(Json const& object, std::string_view name, std::string_view of) {
    Names found;
    for (Json const& each : *object.find(name)->as_array()) {
        found.push_back(text_at(each, of));
    }
    return found;
}

}  // namespace

/// `/accountz`, `/accstatz` and the documents of parts there are not.
class AccountsTest : public QObject {
    Q_OBJECT

private slots:
    void accountz_names_all_or_tells_of_one() {
        Inventory source;
        source.accounts = {account("$G", 0), account("A", 2)};
        Json const all = whole_json(accountz(source, "", kStart).value());
        QCOMPARE(keys_of(all), (Names{"server_id", "now", "system_account", "accounts"}));
        QCOMPARE(all.find("accounts")->as_array()->size(), std::size_t{2});
        Json const one = whole_json(accountz(source, "A", kStart).value());
        Json const& detail = *one.find("account_detail");
        QCOMPARE(keys_of(detail),
                 (Names{"account_name", "update_time", "expired", "complete", "jetstream_enabled",
                        "leafnode_connections", "client_connections", "subscriptions", "imports",
                        "name_tag", "sublist_stats"}));
        QCOMPARE(number_at(detail, "client_connections"), std::int64_t{2});
        auto const missing = accountz(source, "Z", kStart);
        QVERIFY(!missing.ok() && missing.error().code() == Errc::NotFound);
        QCOMPARE(missing.error().detail(), std::string("Account Z does not exist"));
    }

    void what_an_account_shares_is_told_without_its_tokens() {
        Inventory source;
        config::AccountOptions options;
        options.exports = {{.kind = config::ShareKind::Service,
                            .subject = "svc",
                            .accounts = {"B"},
                            .response_type = config::ResponseType::Stream,
                            .latency = config::LatencyOptions{.subject = "lat", .sampling = 50}},
                           {.kind = config::ShareKind::Stream, .subject = "st.>"}};
        options.imports = {
            {.kind = config::ShareKind::Service,
             .account = "B",
             .subject = "there",
             .to = "here",
             .share = true,
             .token = "secret-activation"},
            {.kind = config::ShareKind::Stream, .account = "B", .subject = "ev.>", .prefix = "p"}};
        options.mappings = {
            {.source = "m",
             .destinations = {{.subject = "a", .weight = 30}, {.subject = "b", .weight = 20}}}};
        source.accounts = {account("A", 1)};
        source.accounts[0].options = &options;
        std::string const text = whole_text(account_info(source, "A").value());
        QVERIFY(text.find("secret-activation") == std::string::npos);
        Json const detail = Json::parse(text).value();
        QCOMPARE(texts(detail, "exports", "response_type"), (Names{"Streamed", "(none)"}));
        QCOMPARE(texts(detail, "exports", "type"), (Names{"service", "stream"}));
        Names const local = texts(detail, "imports", "local_subject");
        QCOMPARE(local[0], std::string("here"));
        QCOMPARE(local[1], std::string("p.ev.>"));
        // Each share counts those before it, and the rest stays where it is.
        Json const& shares = *detail.find("mappings")->find("m");
        QCOMPARE(shares.as_array()->size(), std::size_t{3});
        QCOMPARE(number_at(shares.as_array()->at(1), "weight"), std::int64_t{50});
        QCOMPARE(text_at(shares.as_array()->at(2), "subject"), std::string("m"));
    }

    void accstatz_leaves_out_the_unused() {
        Inventory source;
        source.accounts = {account("$G", 0), account("A", 2)};
        Json const used = whole_json(accstatz(source, {}, kStart));
        QCOMPARE(texts(used, "account_statz", "acc"), (Names{"A"}));
        Json const all = whole_json(accstatz(source, {.include_unused = true}, kStart));
        QCOMPARE(texts(all, "account_statz", "acc"), (Names{"$G", "A"}));
        Json const named = whole_json(accstatz(source, {.accounts = {"A", "$G", "Z"}}, kStart));
        QCOMPARE(texts(named, "account_statz", "acc"), (Names{"A"}));
        Json const& stat = used.find("account_statz")->as_array()->front();
        QCOMPARE(keys_of(stat), (Names{"acc", "name", "conns", "leafnodes", "total_conns",
                                       "num_subscriptions", "sent", "received", "slow_consumers"}));
        QCOMPARE(keys_of(*stat.find("sent")),
                 (Names{"msgs", "bytes", "gateways", "routes", "leafs"}));
        QCOMPARE(number_at(*stat.find("received"), "bytes"), std::int64_t{40});
    }

    void parts_that_are_not_there_are_told_as_empty() {
        Inventory const source;
        QCOMPARE(keys_of(whole_json(routez(source, kStart))),
                 (Names{"server_id", "server_name", "now", "num_routes", "routes"}));
        QCOMPARE(keys_of(whole_json(gatewayz(source, kStart))),
                 (Names{"server_id", "now", "outbound_gateways", "inbound_gateways"}));
        QCOMPARE(keys_of(whole_json(leafz(source, kStart))),
                 (Names{"server_id", "now", "leafnodes", "leafs"}));
        Json const js = whole_json(jsz(source, kStart));
        QVERIFY(*js.find("disabled")->as_bool());
        // For a message it is on one line.
        QVERIFY(whole_text(jsz(source, kStart, Layout::Compact)).find('\n') == std::string::npos);
    }
};
SIGNALBOX_TEST(AccountsTest);

}  // namespace signalbox::monitor

#include "accounts_test.moc"
