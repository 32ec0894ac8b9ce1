#include "engine/config/read_values.h"

#include "engine/base/duration_text.h"
#include "engine/base/text.h"
#include "engine/config/address.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

namespace signalbox::config {

namespace {

void wrong_type(Value const& value, std::string_view wanted, Problems& problems) {
    problems.error(value.position(), concat("interface conversion: interface {} is ",
                                            type_name(value), ", not ", wanted));
}

/// The value as a map, or nothing and a problem.
Value::Map const* map_of(Value const& value, Problems& problems) {
    auto const* map = value.as<Value::Map>();
    if (map == nullptr) {
        wrong_type(value, "map[string]interface {}", problems);
    }
    return map;
}

/// The reference says which of the two faults a text has.
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

/// A value in the words of an error text; of what might be a secret only its type.
std::string shown(Value const& value) {
    if (auto const* integer = value.as<std::int64_t>()) {
        return std::to_string(*integer);
    }
    if (auto const* yes = value.as<bool>()) {
        return text_of(*yes);
    }
    return std::string(type_name(value));
}

}  // namespace

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

void read_listen(Key const&, Value const& value, Target& target) {
    if (std::optional<ListenAddress> address = address_of(value, target.problems)) {
        target.options.listen = std::move(*address);
        if (target.options.listen.port == 0) {
            target.options.listen.port = Options{}.listen.port;
        }
    }
}

void read_port(Key const& key, Value const& value, Target& target) {
    if (std::optional<int> const port = port_of(key, value, target.problems)) {
        target.options.listen.port = *port == 0 ? Options{}.listen.port : *port;
    }
}

void read_http(Key const&, Value const& value, Target& target) {
    std::optional<ListenAddress> address = address_of(value, target.problems);
    if (address && address->port == 0) {
        target.options.monitoring.http.reset();
    } else if (address) {
        target.options.monitoring.http = std::move(*address);
    }
}

void read_http_port(Key const& key, Value const& value, Target& target) {
    std::optional<int> const port = port_of(key, value, target.problems);
    std::optional<ListenAddress>& http = target.options.monitoring.http;
    if (port == 0) {
        http.reset();
    } else if (port) {
        http = ListenAddress{.host = http ? http->host : "", .port = *port};
    }
}

/// None allowed is written 0 here, and kept as -1.
void read_max_connections(Key const& key, Value const& value, Target& target) {
    std::int64_t& most = target.options.limits.max_connections;
    read_value(key, value, target.problems, most);
    most = most == 0 ? -1 : most;
}

void read_trace_verbose(Key const& key, Value const& value, Target& target) {
    Logging& logging = target.options.logging;
    read_value(key, value, target.problems, logging.trace_verbose);
    logging.trace = logging.trace || logging.trace_verbose;
}

void read_trace_headers(Key const& key, Value const& value, Target& target) {
    Logging& logging = target.options.logging;
    read_value(key, value, target.problems, logging.trace_headers);
    logging.trace = logging.trace || logging.trace_headers;
}

void read_authorization(Key const&, Value const& value, Target& target) {
    Value::Map const* map = map_of(value, target.problems);
    if (map == nullptr) {
        return;
    }
    read_block(Block::Authorization, *map, target);
    Authorization const& authorization = target.options.authorization;
    bool const single = !authorization.user.empty() || !authorization.password.empty();
    Position const& at = value.position();
    if (single && !authorization.token.empty()) {
        target.problems.error(at, "Cannot have a user/pass and token");
    }
    if (single && !authorization.users.empty()) {
        target.problems.error(at, "Can not have a single user/pass and a users array");
    }
    if (!authorization.token.empty() && !authorization.users.empty()) {
        target.problems.error(at, "Can not have a token and a users array");
    }
    std::set<std::string_view> names;
    for (User const& user : authorization.users) {
        if (!names.insert(user.name).second) {
            target.problems.error(at,
                                  concat("Duplicate user ", base::quoted(user.name), " detected"));
        }
    }
}

void read_auth_timeout(Key const& key, Value const& value, Target& target) {
    constexpr double kMostSeconds = 9e9;
    double seconds = 0;
    if (auto const* integer = value.as<std::int64_t>()) {
        seconds = static_cast<double>(*integer);
    } else if (auto const* number = value.as<double>()) {
        seconds = *number;
    } else if (auto const* text = value.as<std::string>()) {
        std::optional<Duration> const duration =
            duration_of(key.name(), value, *text, target.problems);
        if (!duration) {
            return;
        }
        seconds = std::chrono::duration<double>(*duration).count();
    } else {
        target.problems.error(value.position(),
                              concat("error parsing timeout: unsupported type ", shown(value)));
        return;
    }
    if (seconds < 0 || seconds > kMostSeconds) {
        target.problems.error(value.position(), seconds < 0 ? "timeout value can not be negative"
                                                            : "timeout value is too big");
        return;
    }
    auto const timeout =
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
    if (timeout > base::minutes(1)) {
        target.problems.warning(value.position(), key.name(),
                                concat("timeout of ", base::duration_text(timeout),
                                       " is more than a minute; an unquoted 1m is the number "
                                       "1000000"));
    }
    target.options.authorization.timeout = timeout.count() == 0 ? Authorization{}.timeout : timeout;
}

void read_users(Key const&, Value const& value, Target& target) {
    auto const* array = value.as<Value::Array>();
    if (array == nullptr) {
        target.problems.error(value.position(),
                              concat("Expected users field to be an array, got ", shown(value)));
        return;
    }
    std::vector<User> users;
    for (Value const& entry : *array) {
        auto const* map = entry.as<Value::Map>();
        if (map == nullptr) {
            target.problems.error(
                entry.position(),
                concat("Expected user entry to be a map/struct, got ", shown(entry)));
            continue;
        }
        User user;
        Target one{.options = target.options, .user = &user, .problems = target.problems};
        std::size_t const before = target.problems.errors.size();
        read_block(Block::User, *map, one);
        if (user.name.empty() && target.problems.errors.size() == before) {
            target.problems.error(entry.position(), "User entry requires a user");
        }
        users.push_back(std::move(user));
    }
    target.options.authorization.users = std::move(users);
}

void read_user_name(Key const& key, Value const& value, Target& target) {
    read_value(key, value, target.problems, target.user->name);
}

void read_user_password(Key const& key, Value const& value, Target& target) {
    read_value(key, value, target.problems, target.user->password);
}

void read_own(Key const&, Value const& value, Target& target) {
    if (Value::Map const* map = map_of(value, target.problems)) {
        read_block(Block::Own, *map, target);
    }
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
        names.push_back(user.name);
    }
    return text_of(names);
}

}  // namespace signalbox::config
