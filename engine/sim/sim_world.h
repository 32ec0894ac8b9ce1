#pragma once

#include "engine/sim/sim_clock.h"
#include "engine/sim/sim_disk.h"
#include "engine/sim/sim_network.h"
#include "engine/sim/sim_timers.h"
#include "engine/sim/sim_turn.h"
#include "engine/sim/sim_workers.h"
#include "engine/world/world.h"

namespace signalbox::sim {

/// The world of one simulated process on a machine. Its end is that of the process: what was under
/// way for it is dropped, and only the machine's files stay.
///
/// What lives in it is destroyed first.
class SimWorld final : public world::World {
public:
    SimWorld(Simulation& simulation, Exchange& exchange, std::string const& machine);
    ~SimWorld() override;

    SimWorld(SimWorld const&) = delete;
    SimWorld& operator=(SimWorld const&) = delete;

    /// Runs `task` as a turn of this process; how tests and workloads call into it.
    void run(world::Task const& task) { turn_.run(task); }

    /// Nothing happens in this process until then; what is due meanwhile happens after.
    void pause_until(Instant when) { paused_until_ = when; }
    Instant paused_until() const { return paused_until_; }

    std::string const& machine() const { return machine_; }

    SimClock& clock() override { return clock_; }
    SimTimers& timers() override { return timers_; }
    SimNetwork& network() override { return network_; }
    SimDisk& disk() override { return disk_; }
    world::Entropy& entropy() override { return *entropy_; }
    SimWorkers& workers() override { return workers_; }
    SimTurn& turn() override { return turn_; }

    std::uint64_t process_id() const override { return process_id_; }
    std::string const& program_name() const override { return program_name_; }
    Usage usage() const override;

private:
    Simulation& simulation_;
    NodeId node_;
    std::string machine_;
    std::string program_name_ = "signalbox-simulated";
    std::uint64_t process_id_;
    Instant paused_until_;
    SimClock clock_;
    SimTimers timers_;
    SimNetwork network_;
    SimDisk disk_;
    std::unique_ptr<world::Entropy> entropy_;
    SimWorkers workers_;
    SimTurn turn_;
};

}  // namespace signalbox::sim
