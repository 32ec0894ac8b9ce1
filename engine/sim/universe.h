#pragma once

#include "engine/sim/sim_network.h"

namespace signalbox::sim {

/// Everything that the simulated processes of one run have in common. They are destroyed before it.
class Universe {
public:
    explicit Universe(std::uint64_t seed) : simulation_(seed), fabric_(simulation_) {}
    ~Universe() {
        // Links under way to a listener are held by tasks, and know the fabric.
        simulation_.queue().clear();
    }

    Universe(Universe const&) = delete;
    Universe& operator=(Universe const&) = delete;

    Simulation& simulation() { return simulation_; }
    Fabric& fabric() { return fabric_; }
    Exchange& exchange() { return exchange_; }

private:
    Simulation simulation_;
    Fabric fabric_;
    Exchange exchange_{fabric_};
};

}  // namespace signalbox::sim
