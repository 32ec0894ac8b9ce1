#pragma once

#include "engine/server/server.h"
#include "engine/sim/run_log.h"
#include "engine/sim/sim_world.h"
#include "engine/sim/universe.h"

namespace signalbox::sim {

/// A server in a process of its own on a simulated machine. Each start is a new process, which
/// finds of the last one what lies on the machine's disk.
class SimServer {
public:
    /// Watched, it tells all that a window would see, to nobody.
    SimServer(Universe& universe, RunLog& log, std::string machine, config::Options options,
              observe::Watch watch = observe::Watch::Off);
    ~SimServer() { kill(); }

    SimServer(SimServer const&) = delete;
    SimServer& operator=(SimServer const&) = delete;

    /// It is `ready` some events later, unless `failure` says why not.
    void start();

    /// As a signal asks it to: what is pending is sent, and the process ends some events later.
    void stop();

    /// As `kill -9` does: the process is gone, and its links end as its machine closes them.
    void kill();

    /// The machine is gone at once; its peers learn of it only when it runs again and they say
    /// something.
    void cut_power();

    /// Nothing happens in it for so long.
    void pause_for(Duration time);

    bool running() const { return server_ != nullptr; }
    bool ready() const { return running() && server_->ready(); }
    std::string const& failure() const { return failure_; }
    std::string const& machine() const { return machine_; }
    config::Options& options() { return options_; }

    /// While it runs.
    server::Server& server() { return *server_; }
    observe::ServerCounters const& counters() const { return observation_->counters; }
    SimWorld& world() { return *world_; }

private:
    Universe& universe_;
    MachineLog log_;
    std::string const machine_;
    config::Options options_;
    observe::Watch const watch_;
    std::shared_ptr<observe::Observation> observation_;
    std::unique_ptr<SimWorld> world_;
    std::unique_ptr<server::Server> server_;
    std::string failure_;
    std::uint32_t starts_ = 0;
};

}  // namespace signalbox::sim
