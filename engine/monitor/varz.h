#pragma once

#include "engine/monitor/http_stats.h"
#include "engine/monitor/monitor_source.h"
#include "engine/world/world.h"

#include <string>

namespace signalbox::monitor {

/// What is true of the process at the moment of a document.
struct ProcessFacts {
    WallTime now;
    world::World::Usage usage;
    double cpu_percent = 0;
};

/// The server itself: identity, limits, totals.
std::string varz(MonitorSource const& source, HttpStats const& stats, ProcessFacts const& process);

}  // namespace signalbox::monitor
