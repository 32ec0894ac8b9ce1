#pragma once

#include "engine/sim/sim_client.h"
#include "engine/sim/sim_server.h"

namespace signalbox::sim {

/// Which of the servers a server is told of.
enum class Routes {
    None,   ///< They know nothing of each other.
    First,  ///< Each of the first one, from which it learns of the others.
    All,
};

struct ClusterOptions {
    std::uint64_t seed = 1;
    std::size_t servers = 3;
    config::Options options;  ///< Of each server, but for its name and address.
    LinkProfile profile;      ///< Between all machines.
    Routes routes = Routes::None;
    observe::Watch watch = observe::Watch::Off;
};

/// Servers and clients, each in a process of its own on a machine of its own, on one queue of
/// events: a whole installation in one thread.
class Cluster {
public:
    explicit Cluster(ClusterOptions options);

    Cluster(Cluster const&) = delete;
    Cluster& operator=(Cluster const&) = delete;

    /// Starts all servers. False when one is not ready in time.
    bool start();

    /// A client of the `place`-th server.
    SimClient& add_client(std::size_t place);

    /// A process that is not ours to check, such as a raw connection's.
    std::unique_ptr<SimWorld> add_process(std::string const& machine);

    Universe& universe() { return universe_; }
    Simulation& simulation() { return universe_.simulation(); }
    Fabric& fabric() { return universe_.fabric(); }
    RunLog& log() { return log_; }
    DeliveryChecker& checker() { return checker_; }
    std::vector<std::unique_ptr<SimServer>>& servers() { return servers_; }
    std::vector<std::unique_ptr<SimClient>>& clients() { return clients_; }
    SimServer& server(std::size_t place) { return *servers_[place]; }

    bool all_clients_connected() const;

    /// Each server that runs has a connection to each other one, in each place of its pool.
    bool is_meshed() const;

    /// All that was seen and must not be; empty when the run was right.
    std::string verdict() const;

private:
    static void add_routes(config::Options& options, ClusterOptions const& cluster,
                           std::size_t place);

    Routes const routes_;
    Universe universe_;
    RunLog log_;
    DeliveryChecker checker_;
    std::size_t machines_ = 0;
    std::vector<std::unique_ptr<SimServer>> servers_;
    std::vector<std::unique_ptr<SimClient>> clients_;
};

}  // namespace signalbox::sim
