#pragma once

#include "engine/sim/event_queue.h"
#include "engine/world/clock.h"

#include <cstdint>

namespace signalbox::sim {

/// One machine's view of the virtual time: it may run fast or slow, and the calendar may be wrong.
class SimClock final : public world::Clock {
public:
    explicit SimClock(EventQueue const& queue) : queue_(queue) {}

    Instant now() const override;
    WallTime wall_now() const override;

    /// How many millionths faster than true time it runs; set before anything is timed.
    void set_drift(std::int64_t millionths) { drift_ = millionths; }
    /// How far the calendar is ahead; changing it is a jump.
    void set_wall_offset(Duration offset) { wall_offset_ = offset; }

    /// The earliest true time at which `now` answers `local` or later.
    Instant true_time(Instant local) const;

private:
    Instant local_of(Instant true_time) const;

    EventQueue const& queue_;
    std::int64_t drift_ = 0;
    Duration wall_offset_{0};
};

}  // namespace signalbox::sim
