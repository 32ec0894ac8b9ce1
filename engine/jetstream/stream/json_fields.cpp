#include "engine/jetstream/stream/json_fields.h"

#include "engine/base/number.h"
#include "engine/base/text.h"

#include <algorithm>
#include <chrono>

namespace signalbox::jetstream {
namespace {

std::string_view kind_of(Json const& value) {
    if (value.as_bool() != nullptr) {
        return "bool";
    }
    if (value.as_text() != nullptr) {
        return "string";
    }
    if (value.as_array() != nullptr) {
        return "array";
    }
    return value.as_object() != nullptr ? "object" : "number";
}

/// Exactly `digits` digits at `at`.
std::optional<int> digits_at(std::string_view text, std::size_t at, std::size_t digits) {
    if (at + digits > text.size()) {
        return std::nullopt;
    }
    std::string_view const part = text.substr(at, digits);
    if (!std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; })) {
        return std::nullopt;
    }
    return static_cast<int>(*base::parse_uint(part));
}

/// `Z`, or hours and minutes east or west.
std::optional<Duration> offset_of(std::string_view zone) {
    if (zone == "Z" || zone == "z") {
        return Duration{0};
    }
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') {
        return std::nullopt;
    }
    auto const hours = digits_at(zone, 1, 2);
    auto const minutes = digits_at(zone, 4, 2);
    if (!hours || !minutes) {
        return std::nullopt;
    }
    Duration const east = base::hours(*hours) + base::minutes(*minutes);
    return zone[0] == '+' ? east : -east;
}

}  // namespace

JsonFields::JsonFields(Json const& object) : object_(object) {
    if (object.as_object() == nullptr) {
        fault_ = concat("json: cannot unmarshal ", kind_of(object), " into a request");
    }
}

Json const* JsonFields::find(std::string_view name) {
    known_.emplace_back(name);
    Json const* const found = object_.find(name);
    return found == nullptr || found->is_null() ? nullptr : found;
}

void JsonFields::wrong_type(std::string_view name, Json const& value, std::string_view wanted) {
    refuse(concat("json: cannot unmarshal ", kind_of(value), " into field ", name, " of type ",
                  wanted));
}

void JsonFields::refuse(std::string why) {
    if (fault_.empty()) {
        fault_ = std::move(why);
    }
}

void JsonFields::take_fault(Result<void> const& part) {
    if (!part.ok()) {
        refuse(part.error().detail());
    }
}

void JsonFields::read(std::string_view name, std::string& out) {
    if (Json const* const value = find(name)) {
        if (auto const* text = value->as_text()) {
            out = *text;
        } else {
            wrong_type(name, *value, "string");
        }
    }
}

void JsonFields::read(std::string_view name, bool& out) {
    if (Json const* const value = find(name)) {
        if (auto const* yes = value->as_bool()) {
            out = *yes;
        } else {
            wrong_type(name, *value, "bool");
        }
    }
}

void JsonFields::read(std::string_view name, std::int64_t& out) {
    if (Json const* const value = find(name)) {
        if (auto const number = value->as_int()) {
            out = *number;
        } else {
            wrong_type(name, *value, "int64");
        }
    }
}

void JsonFields::read(std::string_view name, std::uint64_t& out) {
    if (Json const* const value = find(name)) {
        auto const number = value->as_int();
        if (number && *number >= 0) {
            out = static_cast<std::uint64_t>(*number);
        } else {
            wrong_type(name, *value, "uint64");
        }
    }
}

void JsonFields::read(std::string_view name, Duration& out) {
    if (Json const* const value = find(name)) {
        if (auto const number = value->as_int()) {
            out = Duration(*number);
        } else {
            wrong_type(name, *value, "time.Duration");
        }
    }
}

void JsonFields::read(std::string_view name, std::optional<WallTime>& out) {
    if (Json const* const value = find(name)) {
        auto const* text = value->as_text();
        out = text == nullptr ? std::nullopt : parse_time(*text);
        if (!out) {
            refuse(concat("parsing time in field ", name));
        }
    }
}

void JsonFields::read(std::string_view name, std::vector<std::string>& out) {
    Json const* const value = find(name);
    if (value == nullptr) {
        return;
    }
    auto const* array = value->as_array();
    if (array == nullptr) {
        return wrong_type(name, *value, "[]string");
    }
    out.clear();
    for (Json const& element : *array) {
        auto const* text = element.as_text();
        if (text == nullptr) {
            return wrong_type(name, element, "string");
        }
        out.push_back(*text);
    }
}

Result<void> JsonFields::finish(bool strict) {
    auto const* members = object_.as_object();
    if (fault_.empty() && strict && members != nullptr) {
        for (Json::Member const& member : *members) {
            bool const known = std::ranges::any_of(known_, [&](std::string const& name) {
                return base::equal_ignoring_case(name, member.first);
            });
            if (!known) {
                fault_ = concat("json: unknown field ", base::quoted(member.first));
                break;
            }
        }
    }
    return fault_.empty() ? Result<void>() : Error(Errc::InvalidArgument, fault_);
}

std::optional<WallTime> parse_time(std::string_view text) {
    auto const year = digits_at(text, 0, 4);
    auto const month = digits_at(text, 5, 2);
    auto const day = digits_at(text, 8, 2);
    auto const hour = digits_at(text, 11, 2);
    auto const minute = digits_at(text, 14, 2);
    auto const second = digits_at(text, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second || text[4] != '-' ||
        text[7] != '-' || (text[10] != 'T' && text[10] != 't') || text[13] != ':' ||
        text[16] != ':') {
        return std::nullopt;
    }
    std::size_t at = 19;
    std::int64_t nanoseconds = 0;
    if (at < text.size() && text[at] == '.') {
        std::int64_t unit = 100'000'000;
        for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
            nanoseconds += (text[at] - '0') * unit;
            unit /= 10;
        }
    }
    auto const offset = offset_of(text.substr(at));
    std::chrono::year_month_day const date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    // Further away nanoseconds since 1970 do not fit.
    bool const sound =
        date.ok() && *year >= 1678 && *year <= 2261 && *hour < 24 && *minute < 60 && *second < 60;
    if (!offset || !sound) {
        return std::nullopt;
    }
    Duration const since = std::chrono::sys_days(date).time_since_epoch() + base::hours(*hour) +
                           base::minutes(*minute) + base::seconds(*second) + Duration(nanoseconds);
    return WallTime(since - *offset);
}

}  // namespace signalbox::jetstream
