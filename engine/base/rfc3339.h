#pragma once

#include "engine/base/time.h"

#include <optional>
#include <string_view>

namespace signalbox::base {

/// Reads a time as RFC 3339 writes it, with a zone and up to nine digits of a second. Nothing: it
/// is none. Times before 1970, such as the zero time of the reference's language, are read as
/// unset, those past what nanoseconds in 64 bits reach as the last of them.
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace signalbox::base
