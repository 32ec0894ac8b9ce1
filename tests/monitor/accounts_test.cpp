#include "engine/monitor/accountz.h"
#include "engine/monitor/accstatz.h"
#include "engine/monitor/gatewayz.h"
#include "engine/monitor/jsz.h"
#include "engine/monitor/leafz.h"
#include "engine/monitor/routez.h"

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
        source.of_sharing.in_force = {true, true};
        std::string const text = whole_text(account_info(source, "A", kStart).value());
        QVERIFY(text.find("secret-activation") == std::string::npos);
        Json const detail = Json::parse(text).value();
        QCOMPARE(texts(detail, "exports", "response_type"), (Names{"Streamed", "(none)"}));
        QCOMPARE(texts(detail, "exports", "type"), (Names{"service", "stream"}));
        Names const local = texts(detail, "imports", "local_subject");
        QCOMPARE(local[0], std::string("p.ev.>"));
        QCOMPARE(local[1], std::string("here"));
        // Each share counts those before it, and the rest stays where it is.
        Json const& shares = *detail.find("mappings")->find("m");
        QCOMPARE(shares.as_array()->size(), std::size_t{3});
        QCOMPARE(number_at(shares.as_array()->at(1), "weight"), std::int64_t{50});
        QCOMPARE(text_at(shares.as_array()->at(2), "subject"), std::string("m"));
    }

    // Each cluster's shares are counted by themselves, with what stays where it is.
    void shares_of_a_mapping_are_counted_by_cluster() {
        Inventory source;
        config::AccountOptions options;
        options.mappings = {{.source = "m",
                             .destinations = {{.subject = "b", .weight = 30},
                                              {.subject = "x", .weight = 100, .cluster = "X"},
                                              {.subject = "c", .weight = 20}}}};
        source.accounts = {account("A", 1)};
        source.accounts[0].options = &options;
        Json const detail = whole_json(account_info(source, "A", kStart).value());
        Json const& of_m = *detail.find("mappings")->find("m");
        Names shown;
        for (Json const& each : *of_m.as_array()) {
            shown.push_back(concat(text_at(each, "subject"), " ", number_at(each, "weight")));
        }
        QCOMPARE(shown, (Names{"b 30", "c 50", "m 100", "x 100"}));
    }

    // One whose token ran out is shown as such; one that was never made makes the account
    // incomplete.
    void imports_that_are_not_in_force_are_told_apart() {
        Inventory source;
        config::AccountOptions options;
        options.imports = {{.account = "B", .subject = "a"},
                           {.account = "B", .subject = "b", .token = "activation"},
                           {.account = "B", .subject = "c"}};
        source.accounts = {account("A", 1)};
        source.accounts[0].options = &options;
        source.of_sharing = {.in_force = {true, false, false},
                             .responses = {{.name = "_R_.x.y", .reply = "r", .asker = "C"}}};
        Json const detail = whole_json(account_info(source, "A", kStart).value());
        Names const subjects = texts(detail, "imports", "subject");
        QCOMPARE(Names(subjects.begin(), subjects.begin() + 2), (Names{"a", "b"}));
        Json::Array const& imports = *detail.find("imports")->as_array();
        QCOMPARE(*imports[0].find("invalid")->as_bool(), false);
        QCOMPARE(*imports[1].find("invalid")->as_bool(), true);
        QCOMPARE(*detail.find("complete")->as_bool(), false);
        Json const& response = *detail.find("responses")->find("_R_.x.y");
        QCOMPARE(keys_of(response), (Names{"subject", "account", "to", "local_subject", "type",
                                           "invalid", "share", "tracking"}));
        QCOMPARE(text_at(response, "subject"), std::string("r"));
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
        QCOMPARE(keys_of(whole_json(routez(source, ShowSubscriptions::No, kStart))),
                 (Names{"server_id", "server_name", "now", "num_routes", "routes"}));
        QCOMPARE(keys_of(whole_json(gatewayz(source, {}, kStart))),
                 (Names{"server_id", "now", "outbound_gateways", "inbound_gateways"}));
        QCOMPARE(keys_of(whole_json(leafz(source, {}, kStart))),
                 (Names{"server_id", "now", "leafnodes", "leafs"}));
        Json const js = whole_json(jsz(source, {}, kStart));
        QVERIFY(*js.find("disabled")->as_bool());
        // For a message it is on one line.
        QVERIFY(whole_text(jsz(source, {}, kStart, Layout::Compact)).find('\n') ==
                std::string::npos);
    }
};
SIGNALBOX_TEST(AccountsTest);

}  // namespace signalbox::monitor

#include "accounts_test.moc"
