#pragma once

#include "engine/observe/snapshot.h"

#include <cmath>
#include <cstdint>

namespace signalbox::observe {

/// How rates are smoothed: a change is followed within about a second, and what has been quiet for
/// `kQuiet` has a rate of zero, not a small rest of an old one.
struct Smoothing {
    static constexpr double kTimeConstant = 1.0;  ///< Seconds.
    static constexpr double kQuiet = 2.0;         ///< Seconds.
    /// After a longer pause nobody knows how the traffic was spread over it.
    static constexpr double kPause = 2.0;

    /// How much the newest interval weighs.
    static double weight_of(double seconds) { return 1 - std::exp(-seconds / kTimeConstant); }
};

/// Turns a total that is looked at from time to time into a rate.
class RateMeter {
public:
    /// `total` as it is now, `seconds` after the last look. A total that fell, for what it counts
    /// began anew, is a new start.
    Rate look(std::uint64_t total, double seconds) {
        std::uint64_t const grown = total >= total_ ? total - total_ : 0;
        total_ = total;
        quiet_ = grown == 0 ? quiet_ + seconds : 0;
        if (seconds <= 0) {
            return {total_, rate_};
        }
        if (quiet_ >= Smoothing::kQuiet || seconds > Smoothing::kPause) {
            rate_ = 0;
        } else {
            rate_ += Smoothing::weight_of(seconds) * (static_cast<double>(grown) / seconds - rate_);
        }
        return {total_, rate_};
    }

    /// Takes what was counted so far as given, so that it makes no rate.
    void start_at(std::uint64_t total) { total_ = total; }

private:
    std::uint64_t total_ = 0;
    double rate_ = 0;
    double quiet_ = 0;
};

}  // namespace signalbox::observe
