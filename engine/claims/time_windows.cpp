#include "engine/claims/time_windows.h"

#include "engine/base/number.h"
#include "engine/base/text.h"

#include <array>
#include <cstdint>

namespace signalbox::claims {
namespace {

constexpr Duration kDay = base::hours(24);

}  // namespace

Result<Duration> time_of_day(std::string_view text) {
    std::vector<std::string_view> const parts = base::split(text, ':');
    constexpr std::array<std::uint64_t, 3> kBounds = {24, 60, 60};
    if (parts.size() != kBounds.size()) {
        return Error(Errc::Malformed, "not a time of day");
    }
    std::int64_t seconds = 0;
    for (std::size_t i = 0; i < kBounds.size(); ++i) {
        auto const number = base::parse_uint(parts[i]);
        if (!number || *number >= kBounds[i] || parts[i].size() > 2) {
            return Error(Errc::Malformed, "not a time of day");
        }
        seconds = seconds * 60 + static_cast<std::int64_t>(*number);
    }
    return Duration(base::seconds(seconds));
}

std::optional<WallTime> end_of_window(std::vector<TimeRange> const& times, WallTime now,
                                      Duration offset) {
    Duration const local = now.since_epoch() + offset;
    Duration const of_day = local % kDay;
    for (TimeRange const& range : times) {
        Result<Duration> const start = time_of_day(range.start);
        Result<Duration> const end = time_of_day(range.end);
        if (!start.ok() || !end.ok()) {
            continue;
        }
        bool const over_midnight = end.value() < start.value();
        bool const after_start = of_day >= start.value();
        bool const before_end = of_day < end.value();
        if (over_midnight ? !(after_start || before_end) : !(after_start && before_end)) {
            continue;
        }
        Duration left = end.value() - of_day;
        if (left <= Duration(0)) {
            left += kDay;
        }
        return now + left;
    }
    return std::nullopt;
}

}  // namespace signalbox::claims
