#pragma once

#include "engine/base/json_reader.h"
#include "engine/base/time.h"
#include "engine/host/remote_documents.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Members of documents that may lack them; `object` null is one that has none.
namespace signalbox::host::fields {

inline Json const* find(Json const* object, std::string_view name) {
    return object == nullptr ? nullptr : object->find(name);
}

inline std::string text(Json const* object, std::string_view name) {
    Json const* const member = find(object, name);
    std::string const* const text = member == nullptr ? nullptr : member->as_text();
    return text == nullptr ? std::string() : *text;
}

inline std::int64_t number(Json const* object, std::string_view name, std::int64_t otherwise = 0) {
    Json const* const member = find(object, name);
    return member == nullptr ? otherwise : member->as_int().value_or(otherwise);
}

inline std::uint64_t count(Json const* object, std::string_view name) {
    std::int64_t const value = number(object, name);
    return value < 0 ? 0 : static_cast<std::uint64_t>(value);
}

/// A limit, of which zero and less mean none.
inline std::int64_t limit(Json const* object, std::string_view name) {
    std::int64_t const value = number(object, name, -1);
    return value <= 0 ? -1 : value;
}

inline bool flag(Json const* object, std::string_view name) {
    Json const* const member = find(object, name);
    bool const* const flag = member == nullptr ? nullptr : member->as_bool();
    return flag != nullptr && *flag;
}

inline Duration duration(Json const* object, std::string_view name) {
    return Duration(number(object, name));
}

inline WallTime time(Json const* object, std::string_view name) {
    return parse_rfc3339(text(object, name)).value_or(WallTime());
}

inline std::span<Json const> array(Json const* object, std::string_view name) {
    Json const* const member = find(object, name);
    Json::Array const* const array = member == nullptr ? nullptr : member->as_array();
    return array == nullptr ? std::span<Json const>() : std::span<Json const>(*array);
}

inline std::vector<std::string> texts(Json const* object, std::string_view name) {
    std::vector<std::string> all;
    for (Json const& one : array(object, name)) {
        if (std::string const* const text = one.as_text()) {
            all.push_back(*text);
        }
    }
    return all;
}

}  // namespace signalbox::host::fields
