#pragma once

#include <string>
#include <string_view>

namespace signalbox::jetstream {

/// Whether it is a whole number of any length: digits behind an optional sign.
bool is_decimal(std::string_view text);

/// The sum of two such numbers, without leading zeros or a plus.
std::string add_decimals(std::string_view a, std::string_view b);

/// The number with the other sign.
std::string negated(std::string_view number);

}  // namespace signalbox::jetstream
