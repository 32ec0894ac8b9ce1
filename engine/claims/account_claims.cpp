#include "engine/claims/account_claims.h"

#include "engine/base/text.h"
#include "engine/claims/fields.h"

#include <algorithm>
#include <utility>

namespace signalbox::claims {
namespace {

Result<Direction> direction_named(std::string_view name) {
    if (name == "stream") {
        return Direction::Stream;
    }
    if (name == "service") {
        return Direction::Service;
    }
    return Error(Errc::Malformed, "neither a stream nor a service");
}

Result<void> read_revocations(Fields& fields, Revocations& out) {
    fields.members("revocations", [&](std::string const& key, Json const& at) -> Result<void> {
        auto const seconds = at.as_int();
        if (!seconds) {
            return Error(Errc::Malformed, "a revocation without a time");
        }
        out[key] = *seconds;
        return {};
    });
    return fields.outcome();
}

/// A number of percent, or the word `headers`.
Result<ServiceLatency> read_latency(Json const& json) {
    ServiceLatency latency;
    Fields fields(&json);
    fields.read("results", latency.results);
    TRY(fields.outcome());
    Json const* const sampling = json.find("sampling");
    if (sampling == nullptr || sampling->is_null()) {
        return latency;
    }
    if (sampling->as_text() != nullptr) {
        if (base::equal_ignoring_case(*sampling->as_text(), "headers")) {
            return latency;
        }
        return Error(Errc::Malformed, "sampling that is neither a number nor headers");
    }
    fields.read("sampling", latency.sampling);
    TRY(fields.outcome());
    return latency;
}

Result<void> read_export(Json const& json, std::vector<Export>& out) {
    Export e;
    Fields fields(&json);
    std::string direction;
    std::int64_t threshold = 0;
    fields.read("name", e.name);
    fields.read("subject", e.subject);
    fields.read("type", direction);
    fields.read("token_req", e.token_required);
    fields.read("response_type", e.response_type);
    fields.read("response_threshold", threshold);
    fields.read("account_token_position", e.account_token_position);
    fields.read("advertise", e.advertise);
    fields.read("allow_trace", e.allow_trace);
    TRY(read_revocations(fields, e.revocations));
    Json const* const latency = fields.object("service_latency");
    TRY(fields.outcome());
    if (latency != nullptr) {
        e.latency = TRY(read_latency(*latency));
    }
    e.direction = TRY(direction_named(direction));
    e.response_threshold = Duration(threshold);
    out.push_back(std::move(e));
    return {};
}

Result<void> read_import(Json const& json, std::vector<Import>& out) {
    Import i;
    Fields fields(&json);
    std::string direction;
    fields.read("name", i.name);
    fields.read("subject", i.subject);
    fields.read("account", i.account);
    fields.read("token", i.token);
    fields.read("to", i.to);
    fields.read("local_subject", i.local_subject);
    fields.read("type", direction);
    fields.read("share", i.share);
    fields.read("allow_trace", i.allow_trace);
    TRY(fields.outcome());
    i.direction = TRY(direction_named(direction));
    out.push_back(std::move(i));
    return {};
}

Result<AccountLimits> read_limits(Json const* json) {
    AccountLimits limits;
    Fields fields(json);
    fields.read("subs", limits.subscriptions);
    fields.read("data", limits.data);
    fields.read("payload", limits.payload);
    fields.read("imports", limits.imports);
    fields.read("exports", limits.exports);
    fields.read("conn", limits.connections);
    fields.read("leaf", limits.leaf_nodes);
    fields.read("wildcards", limits.wildcards);
    fields.read("disallow_bearer", limits.disallow_bearer);
    TRY(fields.outcome());
    return limits;
}

Result<void> read_signing_key(Json const& json, std::vector<SigningKey>& out) {
    SigningKey key;
    if (std::string const* const text = json.as_text()) {
        key.key = *text;
        out.push_back(std::move(key));
        return {};
    }
    Fields fields(&json);
    std::string kind;
    fields.read("kind", kind);
    fields.read("key", key.key);
    fields.read("role", key.role);
    Json const* const rights = fields.object("template");
    TRY(fields.outcome());
    // A scope that is not understood must not become a key without one.
    if (kind != "user_scope") {
        return Error(Errc::Malformed, "a signing key of an unknown kind of scope");
    }
    if (rights == nullptr) {
        key.scope.emplace();
    } else {
        key.scope = TRY(read_user_rights(*rights, 2));
    }
    out.push_back(std::move(key));
    return {};
}

Result<void> read_mapping(std::string const& source, Json const& json, std::vector<Mapping>& out) {
    Mapping mapping{.source = source, .destinations = {}};
    Json::Array const* const array = json.as_array();
    if (array == nullptr) {
        return Error(Errc::Malformed, "a mapping that is no list");
    }
    for (Json const& element : *array) {
        WeightedSubject to;
        Fields fields(&element);
        fields.read("subject", to.subject);
        fields.read("weight", to.weight);
        fields.read("cluster", to.cluster);
        TRY(fields.outcome());
        // Left out, it is all of it.
        to.weight = to.weight == 0 ? 100 : to.weight;
        mapping.destinations.push_back(std::move(to));
    }
    out.push_back(std::move(mapping));
    return {};
}

Result<void> read_authorization(Json const* json, ExternalAuthorization& out) {
    Fields fields(json);
    fields.read("auth_users", out.auth_users);
    fields.read("allowed_accounts", out.allowed_accounts);
    fields.read("xkey", out.xkey);
    return fields.outcome();
}

Result<void> read_sharing(Fields& fields, AccountClaims& claims) {
    fields.each("imports", [&](Json const& json) { return read_import(json, claims.imports); });
    fields.each("exports", [&](Json const& json) { return read_export(json, claims.exports); });
    fields.members("mappings", [&](std::string const& source, Json const& json) {
        return read_mapping(source, json, claims.mappings);
    });
    return fields.outcome();
}

}  // namespace

bool is_revoked(Revocations const& revocations, std::string_view subject, WallTime issued_at) {
    auto const void_until = [&](std::string_view key) {
        auto const found = revocations.find(std::string(key));
        return found != revocations.end() &&
               issued_at.since_epoch() / base::seconds(1) <= found->second;
    };
    return void_until(subject) || void_until("*");
}

SigningKey const* AccountClaims::signing_key(std::string_view key) const {
    auto const found = std::ranges::find(signing_keys, key, &SigningKey::key);
    return found == signing_keys.end() ? nullptr : &*found;
}

Result<AccountClaims> decode_account(std::string_view text) {
    AccountClaims claims;
    claims.token = TRY(decode(text, ClaimKind::Account));
    Fields fields(claims.token.body.is_null() ? nullptr : &claims.token.body);
    TRY(read_sharing(fields, claims));
    claims.limits = TRY(read_limits(fields.object("limits")));
    fields.each("signing_keys",
                [&](Json const& json) { return read_signing_key(json, claims.signing_keys); });
    TRY(read_revocations(fields, claims.revocations));
    if (Json const* const permissions = fields.object("default_permissions")) {
        claims.default_permissions = TRY(read_permissions(*permissions));
    }
    TRY(read_authorization(fields.object("authorization"), claims.authorization));
    Fields trace(fields.object("trace"));
    trace.read("dest", claims.trace_destination);
    trace.read("sampling", claims.trace_sampling);
    TRY(trace.outcome());
    TRY(fields.outcome());
    return claims;
}

Result<ActivationClaims> decode_activation(std::string_view text) {
    ActivationClaims claims;
    claims.token = TRY(decode(text, ClaimKind::Activation));
    Fields fields(claims.token.body.is_null() ? nullptr : &claims.token.body);
    std::string direction;
    fields.read("subject", claims.subject);
    // In the first version the kind is called a type.
    fields.read(claims.token.version == 1 ? "type" : "kind", direction);
    fields.read("issuer_account", claims.issuer_account);
    TRY(fields.outcome());
    claims.direction = TRY(direction_named(direction));
    return claims;
}

}  // namespace signalbox::claims
