#pragma once

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/claims/user_claims.h"

#include <optional>
#include <string_view>
#include <vector>

namespace signalbox::claims {

/// `HH:MM:SS` since midnight. Errors: Malformed.
Result<Duration> time_of_day(std::string_view text);

/// Until when someone may stay who comes `now` and may be here at `times` of the day, in a place
/// that is `offset` ahead of UTC. Nothing: they may not come now. A range whose end is before its
/// start goes over midnight. Ranges that cannot be read hold no time.
std::optional<WallTime> end_of_window(std::vector<TimeRange> const& times, WallTime now,
                                      Duration offset);

}  // namespace signalbox::claims
