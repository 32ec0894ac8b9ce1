#pragma once

#include "engine/config/schema.h"

#include <map>
#include <string>
#include <vector>

/// How values become options: one overload for each type a key can have, and one function for each
/// key that is like no other.
namespace signalbox::config {

void read_value(Key const& key, Value const& value, Problems& problems, bool& out);
void read_value(Key const& key, Value const& value, Problems& problems, std::int64_t& out);
void read_value(Key const& key, Value const& value, Problems& problems, std::string& out);
void read_value(Key const& key, Value const& value, Problems& problems, Duration& out);
void read_value(Key const& key, Value const& value, Problems& problems, crypto::Secret& out);
void read_value(Key const& key, Value const& value, Problems& problems,
                std::vector<std::string>& out);
void read_value(Key const& key, Value const& value, Problems& problems,
                std::map<std::string, std::string>& out);

void read_listen(Key const& key, Value const& value, Target& target);
void read_port(Key const& key, Value const& value, Target& target);
void read_http(Key const& key, Value const& value, Target& target);
void read_http_port(Key const& key, Value const& value, Target& target);
void read_max_connections(Key const& key, Value const& value, Target& target);
void read_trace_verbose(Key const& key, Value const& value, Target& target);
void read_trace_headers(Key const& key, Value const& value, Target& target);
void read_authorization(Key const& key, Value const& value, Target& target);
void read_auth_timeout(Key const& key, Value const& value, Target& target);
void read_users(Key const& key, Value const& value, Target& target);
void read_user_name(Key const& key, Value const& value, Target& target);
void read_user_password(Key const& key, Value const& value, Target& target);
void read_own(Key const& key, Value const& value, Target& target);

inline std::string text_of(bool value) {
    return value ? "true" : "false";
}
inline std::string text_of(std::int64_t value) {
    return std::to_string(value);
}
inline std::string text_of(int value) {
    return std::to_string(value);
}
inline std::string text_of(std::string const& value) {
    return value;
}
inline std::string text_of(crypto::Secret const& value) {
    return value.empty() ? "" : "[REDACTED]";
}
std::string text_of(Duration value);
std::string text_of(std::vector<std::string> const& value);
std::string text_of(std::map<std::string, std::string> const& value);
std::string text_of(std::vector<User> const& value);

}  // namespace signalbox::config
