#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::base {

/// The whole text as a decimal integer, sign only where the type has one; nothing when it is not
/// one or does not fit.
std::optional<std::int64_t> parse_int(std::string_view text);
std::optional<std::uint64_t> parse_uint(std::string_view text);

/// The whole text as a decimal fraction, without exponent names such as `inf`.
std::optional<double> parse_double(std::string_view text);

/// Writes `value` in decimal at `out`, which has room for 20 bytes, and returns the end.
char* write_decimal(char* out, std::uint64_t value);

/// The shortest text that reads back as the same number.
std::string shortest(double value);

}  // namespace signalbox::base
