#include "engine/claims/decoded.h"

#include <algorithm>
#include <span>
#include <vector>

namespace signalbox::claims {
namespace {

/// What stands at one member.
enum class Shape {
    Plain,    ///< A value as it is.
    Text,     ///< One that is there even when it says nothing.
    Object,   ///< One with members of its own; left out when absent.
    Always,   ///< Likewise, and there even when nothing is in it.
    Objects,  ///< A list of such, or of texts in their place.
    ByKey,    ///< Names that are data, each with a plain value or a list of objects.
};

struct Member {
    char const* name;
    Shape shape = Shape::Plain;
    std::span<Member const> inner = {};
    bool even_zero = false;
};

constexpr Member kRules[] = {{"allow"}, {"deny"}};
constexpr Member kResponses[] = {{"max", Shape::Plain, {}, true}, {"ttl", Shape::Plain, {}, true}};
constexpr Member kPermissions[] = {{"pub", Shape::Always, kRules},
                                   {"sub", Shape::Always, kRules},
                                   {"resp", Shape::Object, kResponses}};
constexpr Member kTime[] = {{"start"}, {"end"}};
constexpr Member kTemplate[] = {{"pub", Shape::Always, kRules},
                                {"sub", Shape::Always, kRules},
                                {"resp", Shape::Object, kResponses},
                                {"src"},
                                {"times", Shape::Objects, kTime},
                                {"times_location"},
                                {"subs"},
                                {"data"},
                                {"payload"},
                                {"bearer_token"},
                                {"proxy_required"},
                                {"allowed_connection_types"}};
constexpr Member kSigningKey[] = {{"kind"},
                                  {"key"},
                                  {"role", Shape::Text},
                                  {"template", Shape::Always, kTemplate},
                                  {"description", Shape::Text}};
constexpr Member kLatency[] = {{"sampling", Shape::Plain, {}, true},
                               {"results", Shape::Plain, {}, true}};
constexpr Member kExport[] = {{"name"},
                              {"subject"},
                              {"type"},
                              {"token_req"},
                              {"revocations", Shape::ByKey},
                              {"response_type"},
                              {"response_threshold"},
                              {"service_latency", Shape::Object, kLatency},
                              {"account_token_position"},
                              {"advertise"},
                              {"allow_trace"},
                              {"description"},
                              {"info_url"}};
constexpr Member kImport[] = {{"name"},          {"subject"}, {"account"}, {"token"},      {"to"},
                              {"local_subject"}, {"type"},    {"share"},   {"allow_trace"}};
constexpr Member kTier[] = {{"mem_storage"},
                            {"disk_storage"},
                            {"streams"},
                            {"consumer"},
                            {"max_ack_pending"},
                            {"mem_max_stream_bytes"},
                            {"disk_max_stream_bytes"},
                            {"max_bytes_required"}};
constexpr Member kLimits[] = {{"subs"},
                              {"data"},
                              {"payload"},
                              {"imports"},
                              {"exports"},
                              {"wildcards"},
                              {"disallow_bearer"},
                              {"conn"},
                              {"leaf"},
                              {"mem_storage"},
                              {"disk_storage"},
                              {"streams"},
                              {"consumer"},
                              {"max_ack_pending"},
                              {"mem_max_stream_bytes"},
                              {"disk_max_stream_bytes"},
                              {"max_bytes_required"},
                              {"tiered_limits", Shape::ByKey, kTier}};
constexpr Member kDestination[] = {{"subject"}, {"weight"}, {"cluster"}};
constexpr Member kAuthorization[] = {{"auth_users"}, {"allowed_accounts"}, {"xkey"}};
constexpr Member kTrace[] = {{"dest"}, {"sampling"}};
constexpr Member kAccount[] = {{"imports", Shape::Objects, kImport},
                               {"exports", Shape::Objects, kExport},
                               {"limits", Shape::Always, kLimits},
                               {"signing_keys", Shape::Objects, kSigningKey},
                               {"revocations", Shape::ByKey},
                               {"default_permissions", Shape::Always, kPermissions},
                               {"mappings", Shape::ByKey, kDestination},
                               {"authorization", Shape::Always, kAuthorization},
                               {"trace", Shape::Object, kTrace},
                               {"cluster_traffic"},
                               {"description"},
                               {"info_url"},
                               {"tags"}};
constexpr Member kOperator[] = {{"signing_keys"},
                                {"account_server_url"},
                                {"operator_service_urls"},
                                {"system_account"},
                                {"assert_server_version"},
                                {"strict_signing_key_usage"},
                                {"tags"}};

/// Says nothing, and is left out.
bool is_empty(Json const& json) {
    if (json.is_null()) {
        return true;
    }
    if (bool const* const yes = json.as_bool()) {
        return !*yes;
    }
    if (std::string const* const text = json.as_text()) {
        return text->empty();
    }
    if (Json::Array const* const array = json.as_array()) {
        return array->empty();
    }
    if (Json::Object const* const object = json.as_object()) {
        return object->empty();
    }
    return json.as_double() == 0.0;
}

/// A value, or a list of values; what is deeper no plain member has.
void write_plain(JsonWriter& json, Json const& value) {
    if (Json::Array const* const array = value.as_array()) {
        json.begin_array();
        for (Json const& each : *array) {
            if (std::string const* const text = each.as_text()) {
                json.value(*text);
            }
        }
        json.end_array();
    } else if (std::string const* const text = value.as_text()) {
        json.value(*text);
    } else if (bool const* const yes = value.as_bool()) {
        json.value(*yes);
    } else if (auto const number = value.as_int()) {
        json.value(*number);
    } else if (auto const fraction = value.as_double()) {
        json.value(*fraction);
    } else {
        json.null();
    }
}

void write_members(JsonWriter& json, Json const* object, std::span<Member const> members);

void write_object(JsonWriter& json, Json const* object, std::span<Member const> members) {
    json.begin_object();
    write_members(json, object, members);
    json.end_object();
}

/// Keys stand among their scopes in the order of the keys, as the reference prints them.
std::string_view key_of(Json const& json) {
    if (std::string const* const text = json.as_text()) {
        return *text;
    }
    Json const* const key = json.find("key");
    return key != nullptr && key->as_text() != nullptr ? std::string_view(*key->as_text())
                                                       : std::string_view();
}

void write_objects(JsonWriter& json, Json const& list, Member const& member) {
    std::vector<Json const*> elements;
    if (Json::Array const* const array = list.as_array()) {
        for (Json const& each : *array) {
            elements.push_back(&each);
        }
    }
    std::ranges::stable_sort(elements,
                             [](Json const* a, Json const* b) { return key_of(*a) < key_of(*b); });
    json.begin_array();
    for (Json const* const each : elements) {
        if (std::string const* const text = each->as_text()) {
            json.value(*text);
        } else {
            write_object(json, each, member.inner);
        }
    }
    json.end_array();
}

void write_by_key(JsonWriter& json, Json const& map, Member const& member) {
    std::vector<Json::Member const*> entries;
    if (Json::Object const* const object = map.as_object()) {
        for (Json::Member const& each : *object) {
            entries.push_back(&each);
        }
    }
    std::ranges::sort(entries, {}, [](Json::Member const* each) { return each->first; });
    json.begin_object();
    for (Json::Member const* const each : entries) {
        json.key(each->first);
        if (each->second.as_array() != nullptr) {
            write_objects(json, each->second, member);
        } else if (each->second.as_object() != nullptr) {
            write_object(json, &each->second, member.inner);
        } else {
            write_plain(json, each->second);
        }
    }
    json.end_object();
}

/// The tables nest five deep, and so does this.
void write_members(JsonWriter& json, Json const* object, std::span<Member const> members) {
    for (Member const& member : members) {
        Json const* const value = object == nullptr ? nullptr : object->find(member.name);
        if (member.shape == Shape::Always) {
            write_object(json.key(member.name), value, member.inner);
            continue;
        }
        if (member.shape == Shape::Text) {
            std::string const* const text = value == nullptr ? nullptr : value->as_text();
            json.field(member.name, text == nullptr ? std::string_view() : std::string_view(*text));
            continue;
        }
        if (value == nullptr || (is_empty(*value) && !member.even_zero)) {
            continue;
        }
        json.key(member.name);
        switch (member.shape) {
            case Shape::Plain:
            case Shape::Text:
                write_plain(json, *value);
                break;
            case Shape::Object:
            case Shape::Always:
                write_object(json, value, member.inner);
                break;
            case Shape::Objects:
                write_objects(json, *value, member);
                break;
            case Shape::ByKey:
                write_by_key(json, *value, member);
                break;
        }
    }
}

void write_time(JsonWriter& json, std::string_view name, WallTime time) {
    json.field(name, time.since_epoch() / base::seconds(1));
}

}  // namespace

void write_decoded(JsonWriter& json, Token const& token) {
    json.begin_object().field_unless_empty("aud", token.audience);
    if (token.expires) {
        write_time(json, "exp", *token.expires);
    }
    json.field_unless_empty("jti", token.id);
    write_time(json, "iat", token.issued_at);
    json.field_unless_empty("iss", token.issuer).field_unless_empty("name", token.name);
    if (token.not_before) {
        write_time(json, "nbf", *token.not_before);
    }
    json.field_unless_empty("sub", token.subject).key("nats").begin_object();
    bool const is_operator = token.kind == ClaimKind::Operator;
    write_members(
        json, &token.body,
        is_operator ? std::span<Member const>(kOperator) : std::span<Member const>(kAccount));
    // Claims of the first version count as those of the second once they are read.
    json.field("type", text_of(token.kind)).field("version", 2).end_object().end_object();
}

}  // namespace signalbox::claims
