#pragma once

#include "engine/base/bytes.h"  // First: Qt 6.4's moc cannot read <concepts> and <compare> otherwise.

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>

namespace signalbox::base {

/// How long something takes, in nanoseconds.
using Duration = std::chrono::nanoseconds;

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// A point on the monotonic clock: only differences mean something.
class Instant {
public:
    constexpr Instant() = default;
    constexpr explicit Instant(Duration since_origin) : since_origin_(since_origin) {}

    constexpr Duration since_origin() const { return since_origin_; }

    friend constexpr auto operator<=>(Instant, Instant) = default;
    friend constexpr Duration operator-(Instant a, Instant b) {
        return a.since_origin_ - b.since_origin_;
    }
    friend constexpr Instant operator+(Instant a, Duration d) {
        return Instant(a.since_origin_ + d);
    }

private:
    Duration since_origin_{0};
};

/// A point on the calendar: nanoseconds since 1970-01-01T00:00:00Z.
class WallTime {
public:
    constexpr WallTime() = default;
    constexpr explicit WallTime(Duration since_epoch) : since_epoch_(since_epoch) {}

    constexpr Duration since_epoch() const { return since_epoch_; }
    constexpr bool is_set() const { return since_epoch_.count() != 0; }

    friend constexpr auto operator<=>(WallTime, WallTime) = default;
    friend constexpr Duration operator-(WallTime a, WallTime b) {
        return a.since_epoch_ - b.since_epoch_;
    }
    friend constexpr WallTime operator+(WallTime a, Duration d) {
        return WallTime(a.since_epoch_ + d);
    }

private:
    Duration since_epoch_{0};
};

/// The parts of a point on the calendar.
struct CivilTime {
    int year = 1970;
    unsigned month = 1;  ///< 1 to 12.
    unsigned day = 1;    ///< 1 to 31.
    int hour = 0;
    int minute = 0;
    int second = 0;
    int nanosecond = 0;
};

/// In UTC moved by `offset`, which a caller who wants local time passes in.
CivilTime civil(WallTime time, Duration offset = Duration{0});

/// As RFC 3339 writes it, in UTC, with up to nine digits of a second and no trailing zeros.
std::string rfc3339(WallTime time);

}  // namespace signalbox::base

namespace signalbox {
using base::Duration;
using base::Instant;
using base::WallTime;
}  // namespace signalbox
