#pragma once

#include "engine/base/logger.h"
#include "engine/world/world.h"

#include <functional>

namespace signalbox::server {

/// Notices that the calendar jumped. Timers run by another clock, so what ends on a date would end
/// too late or too early without somebody who sees it.
class ClockWatch {
public:
    /// `jumped` is called soon after the calendar was set to another time than the one that passed.
    ClockWatch(World& world, Logger& log, std::function<void()> jumped);
    ~ClockWatch();

    ClockWatch(ClockWatch const&) = delete;
    ClockWatch& operator=(ClockWatch const&) = delete;

    /// How often it looks, and so how late a date may be noticed.
    static constexpr Duration kInterval = base::milliseconds(500);
    /// Less is what clocks are corrected by all the time.
    static constexpr Duration kJump = base::milliseconds(250);
    /// From here on an operator hears of it.
    static constexpr Duration kWorthALine = base::seconds(5);

private:
    void look();
    /// How far the calendar is ahead of the clock of timers.
    Duration ahead() const;

    World& world_;
    Logger& log_;
    std::function<void()> jumped_;
    Duration ahead_;
    world::TimerId timer_;
};

}  // namespace signalbox::server
