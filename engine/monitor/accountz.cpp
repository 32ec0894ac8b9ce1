#include "engine/monitor/accountz.h"

#include "engine/base/text.h"
#include "engine/claims/account_claims.h"
#include "engine/claims/decoded.h"
#include "engine/claims/validation.h"
#include "engine/jetstream/jetstream.h"
#include "engine/subject/subject.h"

#include <array>
#include <cstddef>
#include <optional>
#include <set>

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
    json.key(name).begin_object();
    if (latency.sampling == 0) {
        json.field("sampling", "headers");
    } else {
        json.field("sampling", latency.sampling);
    }
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
    json.begin_object().field("subject", e.subject).field("type", text_of(e.kind));
    json.field_unless_empty("token_req", e.token_required);
    if (e.kind == config::ShareKind::Service) {
        json.field("response_type", text_of(e.response_type));
    }
    if (e.latency) {
        write(json, "service_latency", *e.latency);
    }
    if (!e.accounts.empty()) {
        write_texts(json, "approved_accounts", e.accounts);
    }
    if (!e.revocations.empty()) {
        json.key("revoked_activations").begin_object();
        for (auto const& [key, until] : e.revocations) {
            json.field(key, WallTime(Duration(base::seconds(until))));
        }
        json.end_object();
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

void write(JsonWriter& json, MonitorSource const& source, config::ImportOptions const& i,
           bool in_force) {
    json.begin_object().field("subject", i.subject).field("account", i.account);
    if (i.kind == config::ShareKind::Service) {
        json.field("to", local_subject(i));
    }
    json.field("local_subject", local_subject(i)).field("type", text_of(i.kind));
    json.field("invalid", !in_force).field("share", i.share).field("tracking", false);
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

/// Of one cluster, or of all when that is empty: each destination with the share of all up to it,
/// as the reference counts, and what stays where it is.
void write_destinations(JsonWriter& json, config::MappingOptions const& mapping,
                        std::string_view cluster) {
    int so_far = 0;
    bool any = false;
    auto const write = [&](std::string_view subject, int weight) {
        json.begin_object().field("subject", subject).field("weight", weight);
        json.field_unless_empty("cluster", cluster).end_object();
    };
    for (config::MappingDestination const& to : mapping.destinations) {
        if (to.cluster == cluster) {
            any = true;
            so_far += to.weight;
            write(to.subject, so_far);
        }
    }
    if (any && so_far < kAllOfThem) {
        write(mapping.source, kAllOfThem);
    }
}

void write_mappings(JsonWriter& json, std::vector<config::MappingOptions> const& mappings) {
    if (mappings.empty()) {
        return;
    }
    json.key("mappings").begin_object();
    for (config::MappingOptions const& mapping : mappings) {
        std::set<std::string_view> clusters{""};
        for (config::MappingDestination const& to : mapping.destinations) {
            clusters.insert(to.cluster);
        }
        json.key(mapping.source).begin_array();
        for (std::string_view const cluster : clusters) {
            write_destinations(json, mapping, cluster);
        }
        json.end_array();
    }
    json.end_object();
}

/// Services first, as the reference lists them.
void write_exports(JsonWriter& json, config::AccountOptions const& options, bool is_system) {
    if (options.exports.empty() && !is_system) {
        return;
    }
    json.key("exports").begin_array();
    for (auto const kind : {config::ShareKind::Service, config::ShareKind::Stream}) {
        for (config::ExportOptions const& e : options.exports) {
            if (e.kind == kind) {
                write(json, e);
            }
        }
    }
    if (is_system) {
        write_system_exports(json);
    }
    json.end_array();
}

/// What is imported, and is not in force: one with a token is shown as invalid, for that ran out or
/// was revoked; any other was never made.
enum class Force {
    Holds,
    Invalid,
    NotMade,
};

Force force_of(config::ImportOptions const& import, bool in_force) {
    return in_force ? Force::Holds : import.token.empty() ? Force::NotMade : Force::Invalid;
}

void write_imports(JsonWriter& json, MonitorSource const& source, AccountFacts const& facts,
                   SharingFacts const& sharing) {
    std::string const system = source.server().system_account;
    std::vector<config::ImportOptions> const none;
    auto const& imports = facts.options == nullptr ? none : facts.options->imports;
    if (imports.empty() && system.empty()) {
        return;
    }
    json.key("imports").begin_array();
    for (auto const kind : {config::ShareKind::Stream, config::ShareKind::Service}) {
        for (std::size_t i = 0; i < imports.size(); ++i) {
            bool const holds = i < sharing.in_force.size() && sharing.in_force[i];
            Force const force = force_of(imports[i], holds);
            if (imports[i].kind == kind && force != Force::NotMade) {
                write(json, source, imports[i], force == Force::Holds);
            }
        }
    }
    if (!system.empty()) {
        write_system_imports(json, facts.stat.account, system, facts.is_system);
    }
    json.end_array();
}

/// What a JWT says of the account, for those that come by one.
void write_claims(JsonWriter& json, claims::AccountClaims const& claims, WallTime now) {
    if (!claims.token.tags.empty()) {
        write_texts(json, "tags", claims.token.tags);
    }
    claims::write_decoded(json.key("decoded_jwt"), claims.token);
    std::vector<claims::Issue> const issues = claims::validate(claims, now);
    if (!issues.empty()) {
        json.key("validation_result_jwt").begin_array();
        for (claims::Issue const& issue : issues) {
            json.begin_object().field("description", issue.description);
            json.field("blocking", issue.blocking).field("time_check", issue.time_check);
            json.end_object();
        }
        json.end_array();
    }
    if (!claims.revocations.empty()) {
        json.key("revoked_user").begin_object();
        for (auto const& [key, until] : claims.revocations) {
            json.field(key, WallTime(Duration(base::seconds(until))));
        }
        json.end_object();
    }
}

/// Requests that may still be answered, by what they are answered on.
void write_responses(JsonWriter& json, std::vector<ResponseFacts> const& responses) {
    constexpr int kService = 2;  // As the reference numbers the kinds here, and only here.
    if (responses.empty()) {
        return;
    }
    json.key("responses").begin_object();
    for (ResponseFacts const& response : responses) {
        json.key(response.name).begin_object();
        json.field("subject", response.reply).field("account", response.asker);
        json.field("to", response.name).field("local_subject", response.name);
        json.field("type", kService).field("invalid", false);
        json.field("share", response.shares).field("tracking", false).end_object();
    }
    json.end_object();
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

void write(JsonWriter& json, MonitorSource const& source, AccountFacts const& facts, WallTime now) {
    SharingFacts const sharing = source.sharing(facts.stat.account);
    config::AccountOptions const none;
    config::AccountOptions const& options = facts.options == nullptr ? none : *facts.options;
    bool complete = true;
    for (std::size_t i = 0; i < options.imports.size() && i < sharing.in_force.size(); ++i) {
        complete = complete && force_of(options.imports[i], sharing.in_force[i]) != Force::NotMade;
    }
    json.begin_object().field("account_name", facts.stat.account);
    json.field("update_time", facts.updated).field_unless_empty("is_system", facts.is_system);
    json.field("expired", facts.claims && facts.claims->token.expired_at(now));
    json.field("complete", complete);
    jetstream::JetStream const* const streams = source.streams();
    json.field("jetstream_enabled",
               streams != nullptr && streams->find(facts.stat.account) != nullptr);
    json.field("leafnode_connections", facts.stat.leafnodes);
    json.field("client_connections", facts.stat.connections);
    json.field("subscriptions", facts.stat.subscriptions);
    write_mappings(json, options.mappings);
    write_exports(json, options, facts.is_system);
    write_imports(json, source, facts, sharing);
    if (facts.claims) {
        json.field("jwt", facts.claims->token.text);
        json.field("issuer_key", facts.claims->token.issuer);
    }
    json.field_unless_empty("name_tag", facts.stat.name);
    if (facts.claims) {
        write_claims(json, *facts.claims, now);
    }
    write_interest(json, source, facts.stat.account);
    write_responses(json, sharing.responses);
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
        write(json.key("account_detail"), source, facts, now);
    }
    json.end_object();
    return answer_whole(json.take());
}

Result<Answer> account_info(MonitorSource const& source, std::string_view account, WallTime now) {
    AccountFacts const facts = TRY(find(source, account));
    JsonWriter json;
    write(json, source, facts, now);
    return answer_whole(json.take());
}

}  // namespace signalbox::monitor
