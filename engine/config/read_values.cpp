#include "engine/config/read_values.h"

#include "engine/base/duration_text.h"
#include "engine/base/text.h"
#include "engine/config/address.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

namespace signalbox::config {

void wrong_type(Value const& value, std::string_view wanted, Problems& problems) {
    problems.error(value.position(), concat("interface conversion: interface {} is ",
                                            type_name(value), ", not ", wanted));
}

Value::Map const* map_of(Value const& value, Problems& problems) {
    auto const* map = value.as<Value::Map>();
    if (map == nullptr) {
        wrong_type(value, "map[string]interface {}", problems);
    }
    return map;
}

std::string duration_error(std::string_view text) {
    std::size_t const unit = text.find_first_not_of("+-0123456789.");
    if (unit != 0 && unit != std::string_view::npos && text.find_first_of("0123456789") < unit) {
        std::string_view const rest = text.substr(unit);
        std::string_view const name = rest.substr(0, rest.find_first_of("0123456789."));
        constexpr std::string_view kUnits = " ns us ms s m h ";
        if (kUnits.find(concat(" ", name, " ")) == std::string_view::npos) {
            return concat("time: unknown unit ", base::quoted(name), " in duration ",
                          base::quoted(text));
        }
    }
    return concat("time: invalid duration ", base::quoted(text));
}

namespace {

std::optional<Duration> duration_of(std::string_view name, Value const& value,
                                    std::string const& text, Problems& problems) {
    Result<Duration> const duration = base::parse_duration(text);
    if (duration.ok()) {
        return duration.value();
    }
    problems.error(value.position(), concat("error parsing ", name, ": ", duration_error(text)));
    return std::nullopt;
}

bool in_bounds(Key const& key, std::int64_t number, Value const& value, Problems& problems) {
    if (number < key.lowest) {
        problems.error(value.position(), concat(key.name(), " value can not be negative"));
        return false;
    }
    if (number > key.highest) {
        problems.error(value.position(), concat(key.name(), " value is too big"));
        return false;
    }
    return true;
}

}  // namespace

std::optional<ListenAddress> address_of(Value const& value, Problems& problems) {
    if (auto const* port = value.as<std::int64_t>()) {
        if (is_port(*port)) {
            return ListenAddress{.host = "", .port = static_cast<int>(*port)};
        }
        problems.error(value.position(), concat("port ", *port, " is out of range"));
        return std::nullopt;
    }
    auto const* text = value.as<std::string>();
    if (text == nullptr) {
        problems.error(value.position(),
                       concat("expected port or host:port, got ", type_name(value)));
        return std::nullopt;
    }
    Result<ListenAddress> address = parse_address(*text);
    if (!address.ok()) {
        problems.error(value.position(), address.error().detail());
        return std::nullopt;
    }
    return std::move(address).value();
}

std::optional<int> port_of(Key const& key, Value const& value, Problems& problems) {
    std::int64_t port = 0;
    std::size_t const before = problems.errors.size();
    read_value(key, value, problems, port);
    if (problems.errors.size() != before) {
        return std::nullopt;
    }
    if (!is_port(port)) {
        problems.error(value.position(), concat("port ", port, " is out of range"));
        return std::nullopt;
    }
    return static_cast<int>(port);
}

std::string shown(Value const& value) {
    if (auto const* integer = value.as<std::int64_t>()) {
        return std::to_string(*integer);
    }
    if (auto const* number = value.as<double>()) {
        return concat(*number);
    }
    if (auto const* yes = value.as<bool>()) {
        return text_of(*yes);
    }
    return std::string(type_name(value));
}

std::optional<Duration> duration_text(std::string_view name, Value const& value,
                                      Problems& problems) {
    auto const* text = value.as<std::string>();
    if (text == nullptr) {
        wrong_type(value, "string", problems);
        return std::nullopt;
    }
    return duration_of(name, value, *text, problems);
}

void read_value(Key const&, Value const& value, Problems& problems, bool& out) {
    if (auto const* yes = value.as<bool>()) {
        out = *yes;
    } else {
        wrong_type(value, "bool", problems);
    }
}

void read_value(Key const& key, Value const& value, Problems& problems, std::int64_t& out) {
    auto const* number = value.as<std::int64_t>();
    if (number == nullptr) {
        wrong_type(value, "int64", problems);
    } else if (in_bounds(key, *number, value, problems)) {
        out = *number;
    }
}

void read_value(Key const& key, Value const& value, Problems& problems, int& out) {
    std::int64_t number = out;
    read_value(key, value, problems, number);
    if (number < std::numeric_limits<int>::min() || number > std::numeric_limits<int>::max()) {
        problems.error(value.position(), concat(key.name(), " value is too big"));
    } else {
        out = static_cast<int>(number);
    }
}

void read_value(Key const&, Value const& value, Problems& problems, std::string& out) {
    if (auto const* text = value.as<std::string>()) {
        out = *text;
    } else {
        wrong_type(value, "string", problems);
    }
}

void read_value(Key const& key, Value const& value, Problems& problems, Duration& out) {
    if (auto const* text = value.as<std::string>()) {
        std::optional<Duration> const duration = duration_of(key.name(), value, *text, problems);
        if (duration && in_bounds(key, duration->count(), value, problems)) {
            out = *duration;
        }
        return;
    }
    problems.warning(value.position(), key.name(),
                     concat(key.name(), " should be converted to a duration"));
    auto const* number = value.as<std::int64_t>();
    constexpr std::int64_t kMostSeconds = 9'000'000'000;
    if (number == nullptr) {
        wrong_type(value, "int64", problems);
    } else if (*number > kMostSeconds) {
        problems.error(value.position(), concat(key.name(), " value is too big"));
    } else if (in_bounds(key, *number, value, problems)) {
        out = base::seconds(*number);
    }
}

void read_value(Key const&, Value const& value, Problems& problems, crypto::Secret& out) {
    if (auto const* text = value.as<std::string>()) {
        out = crypto::Secret(*text);
    } else {
        wrong_type(value, "string", problems);
    }
}

void read_value(Key const& key, Value const& value, Problems& problems,
                std::vector<std::string>& out) {
    std::string_view const what = key.is_named("server_tags") ? "tags" : key.name();
    std::vector<std::string> found;
    auto const add = [&](std::string_view text) {
        std::string const trimmed(base::trim(text));
        if (!trimmed.empty() && std::ranges::find(found, trimmed) == found.end()) {
            found.push_back(trimmed);
        }
    };
    if (auto const* text = value.as<std::string>()) {
        add(*text);
    } else if (auto const* array = value.as<Value::Array>()) {
        for (Value const& element : *array) {
            auto const* member = element.as<std::string>();
            if (member == nullptr) {
                problems.error(element.position(),
                               concat("error parsing ", what, ": unsupported type ",
                                      type_name(element), " where string is expected"));
                return;
            }
            add(*member);
        }
    } else {
        problems.error(value.position(),
                       concat("error parsing ", what, ": unsupported type ", type_name(value)));
        return;
    }
    out = std::move(found);
}

void read_value(Key const&, Value const& value, Problems& problems,
                std::map<std::string, std::string>& out) {
    Value::Map const* map = map_of(value, problems);
    if (map == nullptr) {
        return;
    }
    std::map<std::string, std::string> found;
    for (auto const& [name, member] : *map) {
        auto const* text = member.as<std::string>();
        if (text == nullptr) {
            wrong_type(member, "string", problems);
            return;
        }
        found.emplace(name, *text);
    }
    out = std::move(found);
}

/// Only `feature_flags` is such a map.
void read_value(Key const&, Value const& value, Problems& problems,
                std::map<std::string, bool>& out) {
    auto const* map = value.as<Value::Map>();
    if (map == nullptr) {
        problems.error(value.position(),
                       concat("error parsing feature flags: unsupported type ", type_name(value)));
        return;
    }
    std::map<std::string, bool> found;
    for (auto const& [name, member] : *map) {
        auto const* yes = member.as<bool>();
        if (yes == nullptr) {
            problems.error(member.position(),
                           concat("error parsing feature flag ", base::quoted(name),
                                  ": expected bool, got ", type_name(member)));
            return;
        }
        found.emplace(name, *yes);
    }
    out = std::move(found);
}

std::string text_of(Duration value) {
    return base::duration_text(value);
}

std::string text_of(std::vector<std::string> const& value) {
    return concat("[", base::join(value, " "), "]");
}

std::string text_of(std::map<std::string, std::string> const& value) {
    std::string out = "map[";
    for (auto const& [name, text] : value) {
        append(out, out.size() > 4 ? " " : "", name, ":", text);
    }
    return out + "]";
}

std::string text_of(std::vector<User> const& value) {
    std::vector<std::string> names;
    names.reserve(value.size());
    for (User const& user : value) {
        names.push_back(user.id());
    }
    return text_of(names);
}

std::string text_of(std::map<std::string, bool> const& value) {
    std::string out = "map[";
    for (auto const& [name, yes] : value) {
        append(out, out.size() > 4 ? " " : "", name, ":", yes);
    }
    return out + "]";
}

std::string text_of(std::vector<std::pair<std::string, std::string>> const& value) {
    std::vector<std::string> names;
    names.reserve(value.size());
    for (auto const& [name, jwt] : value) {
        names.push_back(name);
    }
    return text_of(names);
}

std::string text_of(ResolverOptions const& value) {
    switch (value.kind) {
        case ResolverKind::None:
            return "";
        case ResolverKind::Memory:
            return "MEMORY";
        case ResolverKind::Url:
            return concat("URL(", value.url, ")");
        case ResolverKind::Full:
            return concat("FULL(", value.directory, ")");
        case ResolverKind::Cache:
            return concat("CACHE(", value.directory, ")");
    }
    return "";
}

std::string text_of(CompressionOptions const& value) {
    return std::string(name_of(value.mode));
}

std::string text_of(PeerLogin const& value) {
    return value.user;
}

}  // namespace signalbox::config
