#pragma once

#include "engine/sim/sim_clock.h"
#include "engine/sim/simulation.h"
#include "engine/world/timers.h"

namespace signalbox::sim {

/// The timers of one process, by its own clock.
class SimTimers final : public world::Timers {
public:
    SimTimers(Simulation& simulation, SimClock const& clock)
        : simulation_(simulation), clock_(clock) {}

    void belong_to(NodeId node) { node_ = node; }

    world::TimerId call_at(Instant when, world::Task task) override;
    void cancel(world::TimerId id) override;

private:
    Simulation& simulation_;
    SimClock const& clock_;
    NodeId node_;
    base::SlotMap<world::Task> waiting_;
};

}  // namespace signalbox::sim
