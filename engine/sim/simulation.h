#pragma once

#include "engine/base/slot_map.h"
#include "engine/sim/event_queue.h"
#include "engine/sim/fingerprint.h"
#include "engine/sim/sim_entropy.h"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace signalbox::sim {

class SimWorld;

/// Names a simulated process. One that has crashed is found no more, so that what was under way for
/// it is dropped.
using NodeId = base::SlotId<SimWorld*>;

/// What survives a process: the files of its machine. A power cut takes of what was not synced
/// whatever it likes.
struct SimFile {
    std::string content;
    unsigned mode = 0;
    /// What lay in the sectors that were written and are not synced, or nothing for one behind the
    /// end.
    std::map<std::size_t, std::optional<std::string>> unsynced = {};
    bool name_synced = true;
};
using SimFiles = std::map<std::string, SimFile>;

/// What all processes of a run share: time, chance, and the record of what happened.
class Simulation {
public:
    explicit Simulation(std::uint64_t seed) : seed_(seed), entropy_(seed) {}

    std::uint64_t seed() const { return seed_; }
    Instant now() const { return queue_.now(); }
    EventQueue& queue() { return queue_; }
    Fingerprint& fingerprint() { return fingerprint_; }
    /// For choices of the run itself, such as which fault comes next.
    SimEntropy& entropy() { return entropy_; }

    /// Lets `wait` pass.
    void run_for(Duration wait) { queue_.run_until(queue_.now() + wait); }

    /// Lets time pass until `done`, which is asked after each event, or until `limit` is over.
    /// False in the second case.
    bool run_until(std::function<bool()> const& done, Duration limit);

    NodeId add_node(SimWorld& world) { return nodes_.insert(&world); }
    void remove_node(NodeId id) { nodes_.take(id); }

    /// Runs `task` as a turn of that process at that time, or later while the process is paused;
    /// not at all once it is gone.
    EventQueue::Id at(Instant when, NodeId node, world::Task task);

    /// The files of the machine of that name.
    SimFiles& files_of(std::string const& machine) { return machines_[machine]; }

    /// The power of the machine fails: of what was written and not synced, each sector is there or
    /// not, and so is each file whose directory was not synced.
    void lose_unsynced(std::string const& machine);

private:
    void run_on(NodeId node, world::Task const& task);

    std::uint64_t const seed_;
    EventQueue queue_;
    Fingerprint fingerprint_;
    SimEntropy entropy_;
    base::SlotMap<SimWorld*> nodes_;
    std::map<std::string, SimFiles> machines_;
};

}  // namespace signalbox::sim
