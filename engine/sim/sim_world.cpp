#include "engine/sim/sim_world.h"

namespace signalbox::sim {

SimWorld::SimWorld(Simulation& simulation, Exchange& exchange, std::string const& machine)
    : simulation_(simulation),
      machine_(machine),
      clock_(simulation.queue()),
      timers_(simulation, clock_),
      network_(exchange, machine),
      disk_(simulation, machine),
      entropy_(simulation.entropy().fork(machine)),
      workers_(simulation),
      turn_(simulation) {
    NodeId const node = simulation.add_node(*this);
    process_id_ = 1000 + node.index;
    timers_.belong_to(node);
    network_.belong_to(node);
    disk_.belong_to(node);
    workers_.belong_to(node);
    turn_.belong_to(node);
    node_ = node;
}

SimWorld::~SimWorld() {
    simulation_.remove_node(node_);
}

world::World::Usage SimWorld::usage() const {
    // Plausible and the same in every run: a tenth of the time passed, 64 MiB.
    return {std::uint64_t{64} << 20, clock_.now().since_origin() / 10, 1};
}

}  // namespace signalbox::sim
