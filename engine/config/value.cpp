#include "engine/config/value.h"

#include "engine/base/encoding.h"
#include "engine/base/json_writer.h"
#include "engine/base/text.h"
#include "engine/crypto/digest.h"

#include <algorithm>

namespace signalbox::config {

namespace {

void write(JsonWriter& json, Value const& value);

void write(JsonWriter& json, Value::Map const& map) {
    json.begin_object();
    for (auto const& [key, value] : map) {
        json.key(key);
        write(json, value);
    }
    json.end_object();
}

/// As deep as the lexer lets values be.
void write(JsonWriter& json, Value const& value) {
    if (auto const* array = value.as<Value::Array>()) {
        json.begin_array();
        for (Value const& element : *array) {
            write(json, element);
        }
        json.end_array();
    } else if (auto const* map = value.as<Value::Map>()) {
        write(json, *map);
    } else if (auto const* text = value.as<std::string>()) {
        json.value(std::string_view(*text));
    } else if (auto const* integer = value.as<std::int64_t>()) {
        json.value(*integer);
    } else if (auto const* number = value.as<double>()) {
        json.value(*number);
    } else if (auto const* yes = value.as<bool>()) {
        json.value(*yes);
    } else if (auto const* time = value.as<WallTime>()) {
        json.value(*time);
    }
}

}  // namespace

std::string Position::text() const {
    return concat(file ? std::string_view(*file) : std::string_view(), ":", line, ":", column);
}

std::string_view type_name(Value const& value) {
    struct Name {
        std::string_view operator()(bool) const { return "bool"; }
        std::string_view operator()(std::int64_t) const { return "int64"; }
        std::string_view operator()(double) const { return "float64"; }
        std::string_view operator()(std::string const&) const { return "string"; }
        std::string_view operator()(WallTime) const { return "time.Time"; }
        std::string_view operator()(Value::Array const&) const { return "[]interface {}"; }
        std::string_view operator()(Value::Map const&) const { return "map[string]interface {}"; }
    };
    return std::visit(Name{}, value.content());
}

std::vector<std::pair<std::string_view, Value const*>> in_order(Value::Map const& map) {
    std::vector<std::pair<std::string_view, Value const*>> members;
    members.reserve(map.size());
    for (auto const& [key, value] : map) {
        members.emplace_back(key, &value);
    }
    std::ranges::sort(members, {}, [](auto const& member) { return member.second->order(); });
    return members;
}

std::string digest_of(Value::Map const& map) {
    JsonWriter json;
    write(json, map);
    return concat("sha256:", base::to_hex(crypto::sha256(json.take() + "\n")));
}

}  // namespace signalbox::config
