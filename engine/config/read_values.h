#pragma once

#include "engine/config/schema.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// How values become options: one overload for each type a key can have, and the pieces that keys
/// like no other are read with.
namespace signalbox::config {

void read_value(Key const& key, Value const& value, Problems& problems, bool& out);
void read_value(Key const& key, Value const& value, Problems& problems, std::int64_t& out);
/// Of 32 bits, whatever the key's own bounds.
void read_value(Key const& key, Value const& value, Problems& problems, int& out);
void read_value(Key const& key, Value const& value, Problems& problems, std::string& out);
void read_value(Key const& key, Value const& value, Problems& problems, Duration& out);
void read_value(Key const& key, Value const& value, Problems& problems, crypto::Secret& out);
void read_value(Key const& key, Value const& value, Problems& problems,
                std::vector<std::string>& out);
void read_value(Key const& key, Value const& value, Problems& problems,
                std::map<std::string, std::string>& out);
void read_value(Key const& key, Value const& value, Problems& problems,
                std::map<std::string, bool>& out);

/// `interface conversion: interface {} is bool, not <wanted>`.
void wrong_type(Value const& value, std::string_view wanted, Problems& problems);

/// The value as a map, or null and a problem.
Value::Map const* map_of(Value const& value, Problems& problems);

/// The value as an address or a port, or nothing and a problem.
std::optional<ListenAddress> address_of(Value const& value, Problems& problems);
std::optional<int> port_of(Key const& key, Value const& value, Problems& problems);

/// The value as a duration that may only be a text, or nothing and a problem.
std::optional<Duration> duration_text(std::string_view name, Value const& value,
                                      Problems& problems);

/// Which of the two faults a text has that is no duration.
std::string duration_error(std::string_view text);

/// A value in the words of an error text; of what might be a secret only its type.
std::string shown(Value const& value);

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
std::string text_of(std::map<std::string, bool> const& value);
std::string text_of(std::vector<User> const& value);
/// The keys of JWTs, not the JWTs.
std::string text_of(std::vector<std::pair<std::string, std::string>> const& value);
std::string text_of(ResolverOptions const& value);
std::string text_of(CompressionOptions const& value);
std::string text_of(PeerLogin const& value);
/// Of blocks only whether they are there.
template <class T>
std::string text_of(std::optional<T> const& value) {
    return value ? "{...}" : "";
}

}  // namespace signalbox::config
