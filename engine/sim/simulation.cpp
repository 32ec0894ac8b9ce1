#include "engine/sim/simulation.h"

#include "engine/sim/sim_world.h"

namespace signalbox::sim {

bool Simulation::run_until(std::function<bool()> const& done, Duration limit) {
    Instant const end = queue_.now() + limit;
    while (!done()) {
        if (!queue_.run_next(end)) {
            queue_.run_until(end);
            return done();
        }
    }
    return true;
}

EventQueue::Id Simulation::at(Instant when, NodeId node, world::Task task) {
    return queue_.at(when, [this, node, task = std::move(task)] { run_on(node, task); });
}

void Simulation::run_on(NodeId node, world::Task const& task) {
    SimWorld** const found = nodes_.find(node);
    if (found == nullptr) {
        return;
    }
    SimWorld& world = **found;
    if (world.paused_until() > queue_.now()) {
        at(world.paused_until(), node, task);
        return;
    }
    world.run(task);
}

}  // namespace signalbox::sim
