#include "engine/sim/sim_clock.h"

namespace signalbox::sim {

namespace {

constexpr std::int64_t kMillion = 1'000'000;

/// A Tuesday in 2030: no calendar of a real machine is mistaken for it.
constexpr Duration kWallOrigin = base::seconds(1'900'000'000);

}  // namespace

Instant SimClock::local_of(Instant true_time) const {
    std::int64_t const t = true_time.since_origin().count();
    // In two parts, for the product of a day and the drift would overflow.
    return Instant(Duration(t + t / kMillion * drift_ + t % kMillion * drift_ / kMillion));
}

Instant SimClock::now() const {
    return local_of(queue_.now());
}

WallTime SimClock::wall_now() const {
    return WallTime(kWallOrigin + now().since_origin() + wall_offset_);
}

Instant SimClock::true_time(Instant local) const {
    std::int64_t const t = local.since_origin().count();
    std::int64_t const rate = kMillion + drift_;
    std::int64_t guess = t / rate * kMillion + t % rate * kMillion / rate;
    while (local_of(Instant(Duration(guess))) < local) {
        ++guess;
    }
    return Instant(Duration(guess));
}

}  // namespace signalbox::sim
