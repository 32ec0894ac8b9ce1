#include "engine/claims/fields.h"

#include "engine/base/text.h"

#include <algorithm>

namespace signalbox::claims {

Fields::Fields(Json const* json) : json_(json) {
    if (json_ != nullptr && json_->as_object() == nullptr) {
        json_ = nullptr;
        error_ = Error(Errc::Malformed, "not an object where the claims have one");
    }
}

Json const* Fields::find(std::string_view name) const {
    if (json_ == nullptr || error_) {
        return nullptr;
    }
    for (Json::Member const& member : *json_->as_object()) {
        if (member.first == name) {
            return member.second.is_null() ? nullptr : &member.second;
        }
    }
    return nullptr;
}

void Fields::wrong(std::string_view name) {
    error_ = Error(Errc::Malformed, concat("a value of another type in ", name));
}

void Fields::read(std::string_view name, std::string& out) {
    Json const* const value = find(name);
    if (value == nullptr) {
        return;
    }
    if (std::string const* const text = value->as_text()) {
        out = *text;
        return;
    }
    wrong(name);
}

void Fields::read(std::string_view name, std::int64_t& out) {
    Json const* const value = find(name);
    if (value == nullptr) {
        return;
    }
    if (auto const number = value->as_int()) {
        out = *number;
        return;
    }
    wrong(name);
}

void Fields::read(std::string_view name, bool& out) {
    Json const* const value = find(name);
    if (value == nullptr) {
        return;
    }
    if (bool const* const flag = value->as_bool()) {
        out = *flag;
        return;
    }
    wrong(name);
}

void Fields::read(std::string_view name, std::vector<std::string>& out) {
    each(name, [&](Json const& element) -> Result<void> {
        std::string const* const text = element.as_text();
        if (text == nullptr) {
            return Error(Errc::Malformed, concat("a value of another type in ", name));
        }
        out.push_back(*text);
        return {};
    });
}

Json const* Fields::object(std::string_view name) {
    Json const* const value = find(name);
    if (value != nullptr && value->as_object() == nullptr) {
        wrong(name);
        return nullptr;
    }
    return value;
}

Json const* Fields::array(std::string_view name) {
    Json const* const value = find(name);
    if (value != nullptr && value->as_array() == nullptr) {
        wrong(name);
        return nullptr;
    }
    return value;
}

void Fields::each(std::string_view name, std::function<Result<void>(Json const&)> const& take) {
    Json const* const value = array(name);
    if (value == nullptr) {
        return;
    }
    for (Json const& element : *value->as_array()) {
        note(take(element));
        if (error_) {
            return;
        }
    }
}

void Fields::members(std::string_view name,
                     std::function<Result<void>(std::string const&, Json const&)> const& take) {
    Json const* const value = object(name);
    if (value == nullptr) {
        return;
    }
    for (Json::Member const& member : *value->as_object()) {
        note(take(member.first, member.second));
        if (error_) {
            return;
        }
    }
}

void Fields::note(Result<void> const& result) {
    if (!result.ok() && !error_) {
        error_ = result.error();
    }
}

Result<void> Fields::outcome() const {
    if (error_) {
        return *error_;
    }
    return {};
}

// The reader that made the value bounds its depth, and so this recursion.
// NOLINTNEXTLINE(misc-no-recursion)
Result<void> refuse_duplicates(Json const& json) {
    if (Json::Array const* const array = json.as_array()) {
        for (Json const& element : *array) {
            TRY(refuse_duplicates(element));
        }
    }
    Json::Object const* const object = json.as_object();
    if (object == nullptr) {
        return {};
    }
    std::vector<std::string_view> names;
    names.reserve(object->size());
    for (Json::Member const& member : *object) {
        names.emplace_back(member.first);
        TRY(refuse_duplicates(member.second));
    }
    std::ranges::sort(names);
    if (std::ranges::adjacent_find(names) != names.end()) {
        return Error(Errc::Malformed, "two members of one name in one object");
    }
    return {};
}

void write_texts(JsonWriter& json, std::string_view name, std::vector<std::string> const& texts) {
    if (texts.empty()) {
        return;
    }
    json.key(name).begin_array();
    for (std::string const& text : texts) {
        json.value(text);
    }
    json.end_array();
}

}  // namespace signalbox::claims
