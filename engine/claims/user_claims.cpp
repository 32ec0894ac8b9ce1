#include "engine/claims/user_claims.h"

#include "engine/base/text.h"
#include "engine/claims/fields.h"

namespace signalbox::claims {
namespace {

Result<permission::SubjectRules> read_rules(Json const* json) {
    permission::SubjectRules rules;
    Fields fields(json);
    fields.read("allow", rules.allow);
    fields.read("deny", rules.deny);
    TRY(fields.outcome());
    return rules;
}

void write_rules(JsonWriter& json, std::string_view name, permission::SubjectRules const& rules) {
    json.key(name).begin_object();
    write_texts(json, "allow", rules.allow);
    write_texts(json, "deny", rules.deny);
    json.end_object();
}

/// The networks are a list, and in the first version a text with commas.
void read_sources(Fields& fields, int version, std::vector<std::string>& out) {
    if (version >= 2) {
        fields.read("src", out);
        return;
    }
    std::string text;
    fields.read("src", text);
    for (std::string_view const part : base::split(text, ',')) {
        if (std::string_view const network = base::trim(part); !network.empty()) {
            out.emplace_back(network);
        }
    }
}

Result<void> read_time_range(Json const& json, std::vector<TimeRange>& out) {
    TimeRange range;
    Fields fields(&json);
    fields.read("start", range.start);
    fields.read("end", range.end);
    out.push_back(std::move(range));
    return fields.outcome();
}

}  // namespace

Result<permission::Permissions> read_permissions(Json const& json) {
    permission::Permissions out;
    Fields fields(&json);
    Json const* const publish = fields.object("pub");
    Json const* const subscribe = fields.object("sub");
    Json const* const responses = fields.object("resp");
    TRY(fields.outcome());
    out.publish = TRY(read_rules(publish));
    out.subscribe = TRY(read_rules(subscribe));
    if (responses != nullptr) {
        std::int64_t max = 0;
        std::int64_t expires = 0;
        Fields of_responses(responses);
        of_responses.read("max", max);
        of_responses.read("ttl", expires);
        TRY(of_responses.outcome());
        permission::ResponseRules rules;
        // Left out or zero, they are the defaults.
        if (max != 0) {
            rules.max = max;
        }
        if (expires != 0) {
            rules.expires = Duration(expires);
        }
        out.responses = rules;
    }
    return out;
}

Result<UserRights> read_user_rights(Json const& json, int version) {
    UserRights rights;
    rights.permissions = TRY(read_permissions(json));
    Fields fields(&json);
    read_sources(fields, version, rights.sources);
    fields.each("times", [&](Json const& range) { return read_time_range(range, rights.times); });
    fields.read("times_location", rights.times_location);
    if (version < 2) {
        // There were no such limits.
        rights.subscriptions = -1;
        rights.data = -1;
    }
    fields.read("subs", rights.subscriptions);
    fields.read("data", rights.data);
    fields.read("payload", rights.payload);
    fields.read("bearer_token", rights.bearer_token);
    fields.read("proxy_required", rights.proxy_required);
    fields.read("allowed_connection_types", rights.connection_types);
    TRY(fields.outcome());
    return rights;
}

std::string members_of(UserRights const& rights) {
    JsonWriter json;
    json.begin_object();
    write_rules(json, "pub", rights.permissions.publish);
    write_rules(json, "sub", rights.permissions.subscribe);
    if (auto const& responses = rights.permissions.responses) {
        json.key("resp").begin_object();
        json.field("max", responses->max).field("ttl", responses->expires.count()).end_object();
    }
    write_texts(json, "src", rights.sources);
    if (!rights.times.empty()) {
        json.key("times").begin_array();
        for (TimeRange const& range : rights.times) {
            json.begin_object().field("start", range.start).field("end", range.end).end_object();
        }
        json.end_array();
    }
    json.field_unless_empty("times_location", rights.times_location);
    json.field_unless_empty("subs", rights.subscriptions);
    json.field_unless_empty("data", rights.data);
    json.field_unless_empty("payload", rights.payload);
    json.field_unless_empty("bearer_token", rights.bearer_token);
    json.field_unless_empty("proxy_required", rights.proxy_required);
    write_texts(json, "allowed_connection_types", rights.connection_types);
    json.end_object();
    // Without the braces.
    std::string const text = json.take();
    return text.substr(1, text.size() - 2);
}

Result<UserClaims> decode_user(std::string_view text) {
    UserClaims claims;
    claims.token = TRY(decode(text, ClaimKind::User));
    if (claims.token.body.is_null()) {
        return Error(Errc::Malformed, "user claims without nats");
    }
    claims.rights = TRY(read_user_rights(claims.token.body, claims.token.version));
    Fields fields(&claims.token.body);
    fields.read("issuer_account", claims.issuer_account);
    TRY(fields.outcome());
    if (!crypto::is_public_nkey(claims.account(), crypto::NkeyKind::Account)) {
        return Error(Errc::Malformed, "an issuer account that is no account key");
    }
    return claims;
}

std::optional<permission::ConnectionTypes> known_types(std::vector<std::string> const& names) {
    permission::ConnectionTypes types;
    for (std::string const& name : names) {
        std::string upper = name;
        for (char& c : upper) {
            c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        }
        if (auto const type = permission::connection_type(upper)) {
            types.add(*type);
        }
    }
    if (types.is_all() && !names.empty()) {
        return std::nullopt;
    }
    return types;
}

}  // namespace signalbox::claims
