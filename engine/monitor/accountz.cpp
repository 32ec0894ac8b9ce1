#include "engine/monitor/accountz.h"

#include "engine/base/text.h"
#include "engine/subject/subject.h"

#include <array>
#include <optional>

namespace signalbox::monitor {
namespace {

constexpr int kAllOfThem = 100;  ///< Percent.

Result<AccountFacts> find(MonitorSource const& source, std::string_view account) {
    auto const facts = source.find_account(account);
    if (!facts) {
        return Error(Errc::NotFound, concat("Account ", account, " does not exist"));
    }
    return *facts;
}

std::string_view text_of(config::ResponseType type) {
    switch (type) {
        case config::ResponseType::Singleton:
            return "Singleton";
        case config::ResponseType::Stream:
            return "Streamed";
        case config::ResponseType::Chunked:
            return "Chunked";
    }
    return "";
}

std::string_view text_of(config::ShareKind kind) {
    return kind == config::ShareKind::Stream ? "stream" : "service";
}

void write(JsonWriter& json, std::string_view name, config::LatencyOptions const& latency) {
    json.key(name).begin_object().field("sampling", latency.sampling);
    json.field("results", latency.subject).end_object();
}

void write_texts(JsonWriter& json, std::string_view name, std::vector<std::string> const& texts) {
    json.key(name).begin_array();
    for (std::string const& text : texts) {
        json.value(text);
    }
    json.end_array();
}

void write(JsonWriter& json, config::ExportOptions const& e) {
    json.begin_object().field_unless_empty("name", e.name);
    json.field("subject", e.subject).field("type", text_of(e.kind));
    json.field_unless_empty("token_req", e.token_required);
    if (e.kind == config::ShareKind::Service) {
        json.field("response_type", text_of(e.response_type));
    }
    if (e.latency) {
        write(json, "service_latency", *e.latency);
    }
    json.field_unless_empty("advertise", e.advertise);
    json.field_unless_empty("allow_trace", e.allow_trace);
    if (!e.accounts.empty()) {
        write_texts(json, "approved_accounts", e.accounts);
    }
    json.end_object();
}

/// How the importer names what it imports.
std::string local_subject(config::ImportOptions const& i) {
    if (!i.to.empty()) {
        return i.to;
    }
    return i.prefix.empty() ? i.subject : concat(i.prefix, ".", i.subject);
}

/// How the service that is imported is measured, which its exporter says; none: it is not.
std::optional<config::LatencyOptions> latency_of(MonitorSource const& source,
                                                 config::ImportOptions const& i) {
    auto const exporter = source.find_account(i.account);
    if (i.kind != config::ShareKind::Service || !exporter || exporter->options == nullptr) {
        return std::nullopt;
    }
    for (config::ExportOptions const& e : exporter->options->exports) {
        auto const offered = subject::Filter::parse(e.subject);
        auto const taken = subject::Filter::parse(i.subject);
        if (e.kind == i.kind && offered.ok() && taken.ok() &&
            offered.value().covers(taken.value())) {
            return e.latency;
        }
    }
    return std::nullopt;
}

void write(JsonWriter& json, MonitorSource const& source, config::ImportOptions const& i) {
    json.begin_object().field_unless_empty("name", i.name);
    json.field("subject", i.subject).field("account", i.account);
    if (i.kind == config::ShareKind::Service) {
        json.field("to", local_subject(i));
    }
    json.field("local_subject", local_subject(i)).field("type", text_of(i.kind));
    json.field_unless_empty("allow_trace", i.allow_trace);
    json.field("invalid", false).field("share", i.share).field("tracking", false);
    if (auto const latency = latency_of(source, i)) {
        write(json, "latency", *latency);
    }
    json.end_object();
}

/// The services of the servers that every account has, shown as imports as the reference does.
void write_system_imports(JsonWriter& json, std::string_view account, std::string_view system,
                          bool is_system) {
    auto const one = [&](std::string_view subject, std::string_view local, bool share) {
        json.begin_object().field("subject", subject).field("account", system);
        json.field("to", local).field("local_subject", local).field("type", "service");
        json.field("invalid", false).field("share", share).field("tracking", false);
        json.end_object();
    };
    if (!is_system) {
        std::string const connz = concat("$SYS.REQ.ACCOUNT.", account, ".CONNZ");
        one(connz, "$SYS.REQ.ACCOUNT.PING.CONNZ", false);
        one(connz, "$SYS.REQ.SERVER.PING.CONNZ", false);
        one(concat("$SYS.REQ.ACCOUNT.", account, ".STATZ"), "$SYS.REQ.ACCOUNT.PING.STATZ", false);
    }
    one(concat("$SYS.REQ.USER.", account, ".INFO"), "$SYS.REQ.USER.INFO", true);
}

void write_system_exports(JsonWriter& json) {
    struct Offered {
        std::string_view subject;
        config::ResponseType type;
    };
    constexpr std::array<Offered, 4> kOffered{{
        {"$SYS.DEBUG.SUBSCRIBERS", config::ResponseType::Singleton},
        {"$SYS.REQ.ACCOUNT.*.CONNZ", config::ResponseType::Stream},
        {"$SYS.REQ.ACCOUNT.*.STATZ", config::ResponseType::Stream},
        {"$SYS.REQ.USER.*.INFO", config::ResponseType::Singleton},
    }};
    for (Offered const& offered : kOffered) {
        json.begin_object().field("subject", offered.subject).field("type", "service");
        json.field("response_type", text_of(offered.type)).end_object();
    }
}

/// Each destination with the share of all up to it, as the reference counts.
void write_mappings(JsonWriter& json, std::vector<config::MappingOptions> const& mappings) {
    if (mappings.empty()) {
        return;
    }
    json.key("mappings").begin_object();
    for (config::MappingOptions const& mapping : mappings) {
        json.key(mapping.source).begin_array();
        int so_far = 0;
        for (config::MappingDestination const& to : mapping.destinations) {
            so_far += to.weight;
            json.begin_object().field("subject", to.subject).field("weight", so_far);
            json.field_unless_empty("cluster", to.cluster).end_object();
        }
        if (so_far < kAllOfThem) {
            json.begin_object().field("subject", mapping.source);
            json.field("weight", kAllOfThem).end_object();
        }
        json.end_array();
    }
    json.end_object();
}

void write_shares(JsonWriter& json, MonitorSource const& source, AccountFacts const& facts) {
    std::string const system = source.server().system_account;
    config::AccountOptions const none;
    config::AccountOptions const& options = facts.options == nullptr ? none : *facts.options;
    write_mappings(json, options.mappings);
    if (!options.exports.empty() || facts.is_system) {
        json.key("exports").begin_array();
        for (config::ExportOptions const& e : options.exports) {
            write(json, e);
        }
        if (facts.is_system) {
            write_system_exports(json);
        }
        json.end_array();
    }
    if (options.imports.empty() && system.empty()) {
        return;
    }
    json.key("imports").begin_array();
    for (config::ImportOptions const& i : options.imports) {
        write(json, source, i);
    }
    if (!system.empty()) {
        write_system_imports(json, facts.stat.account, system, facts.is_system);
    }
    json.end_array();
}

void write_interest(JsonWriter& json, MonitorSource const& source, std::string const& account) {
    InterestFacts const interest = source.interest(account);
    FanoutFacts const fanout = source.fanout(account);
    double const hits = static_cast<double>(interest.cache_hits);
    json.key("sublist_stats").begin_object();
    json.field("num_subscriptions", interest.subscriptions).field("num_cache", interest.cached);
    json.field("num_inserts", interest.inserts).field("num_removes", interest.removes);
    json.field("num_matches", interest.matches);
    json.field("cache_hit_rate",
               interest.matches == 0 ? 0.0 : hits / static_cast<double>(interest.matches));
    json.field("max_fanout", fanout.max).field("avg_fanout", fanout.average).end_object();
}

void write(JsonWriter& json, MonitorSource const& source, AccountFacts const& facts) {
    json.begin_object().field("account_name", facts.stat.account);
    json.field("update_time", facts.updated).field_unless_empty("is_system", facts.is_system);
    json.field("expired", false).field("complete", true).field("jetstream_enabled", false);
    json.field("leafnode_connections", facts.stat.leafnodes);
    json.field("client_connections", facts.stat.connections);
    json.field("subscriptions", facts.stat.subscriptions);
    write_shares(json, source, facts);
    json.field_unless_empty("jwt", facts.jwt).field_unless_empty("issuer_key", facts.issuer_key);
    json.field_unless_empty("name_tag", facts.stat.name);
    if (!facts.tags.empty()) {
        write_texts(json, "tags", facts.tags);
    }
    write_interest(json, source, facts.stat.account);
    json.end_object();
}

}  // namespace

Result<Answer> accountz(MonitorSource const& source, std::string_view account, WallTime now,
                        Layout layout) {
    ServerFacts const server = source.server();
    JsonWriter json(indent_of(layout));
    json.begin_object().field("server_id", server.id).field("now", now);
    json.field_unless_empty("system_account", server.system_account);
    if (account.empty()) {
        json.key("accounts").begin_array();
        source.visit_accounts([&](AccountFacts const& each) { json.value(each.stat.account); });
        json.end_array();
    } else {
        AccountFacts const facts = TRY(find(source, account));
        write(json.key("account_detail"), source, facts);
    }
    json.end_object();
    return answer_whole(json.take());
}

Result<Answer> account_info(MonitorSource const& source, std::string_view account) {
    AccountFacts const facts = TRY(find(source, account));
    JsonWriter json;
    write(json, source, facts);
    return answer_whole(json.take());
}

}  // namespace signalbox::monitor
