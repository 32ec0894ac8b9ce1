#pragma once

#include "engine/sim/simulation.h"
#include "engine/world/turn.h"

#include <deque>
#include <vector>

namespace signalbox::sim {

/// The turns of one process: each event of its own is one, whatever else happens at that time.
class SimTurn final : public world::Turn {
public:
    explicit SimTurn(Simulation& simulation) : simulation_(simulation) {}

    /// Whose turns these are; set before the first.
    void belong_to(NodeId node) { node_ = node; }

    /// Runs `task` as a turn of its own, or within the turn that is under way.
    void run(world::Task const& task);

    void add(world::EndOfTurn& listener) override;
    void remove(world::EndOfTurn& listener) override;
    void defer(world::Task task) override;

private:
    void end();

    Simulation& simulation_;
    NodeId node_;
    std::vector<world::EndOfTurn*> listeners_;
    std::deque<world::Task> deferred_;
    bool running_ = false;
    bool planned_ = false;  ///< A turn for what is deferred is in the queue.
};

}  // namespace signalbox::sim
