#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace signalbox::base {

/// The length in bytes of the well-formed UTF-8 character the text starts with; 0 when it starts
/// with none, or is empty.
std::size_t utf8_length(std::string_view text);

/// The text with each byte that is not part of well-formed UTF-8 replaced by U+FFFD.
std::string repaired_utf8(std::string_view text);

}  // namespace signalbox::base
