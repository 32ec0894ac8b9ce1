#pragma once

#include "engine/base/result.h"
#include "engine/base/time.h"

#include <string>
#include <string_view>

namespace signalbox::base {

/// Reads a duration as configuration writes it: signed decimal numbers with a unit each, one after
/// the other, as in `1h30m`, `1.5s` or `250ms`; units are ns, us, µs, ms, s, m and h. A lone `0` is
/// zero. Errors: InvalidArgument.
Result<Duration> parse_duration(std::string_view text);

/// Writes a duration as configuration reads it: `2m0s`, `1.5s`, `312µs`, `0s`.
std::string duration_text(Duration duration);

/// Writes how long a server or connection has been up, to the second, from the largest unit that is
/// not zero: `3s`, `2m5s`, `1h0m3s`, `2d3h4m5s`, `1y2d3h4m5s`.
std::string uptime_text(Duration duration);

}  // namespace signalbox::base
