#pragma once

#include "engine/sim/simulation.h"
#include "engine/world/workers.h"

namespace signalbox::sim {

/// Jobs that take virtual time, one after the other.
class SimWorkers final : public world::Workers {
public:
    static constexpr std::size_t kMaxWaiting = 1024;

    explicit SimWorkers(Simulation& simulation) : simulation_(simulation) {}

    void belong_to(NodeId node) { node_ = node; }
    void set_cost(Duration cost) { cost_ = cost; }

    bool run(world::Task job, world::Task done) override;

private:
    Simulation& simulation_;
    NodeId node_;
    Duration cost_ = base::milliseconds(5);
    Instant free_at_;
    std::size_t waiting_ = 0;
};

}  // namespace signalbox::sim
