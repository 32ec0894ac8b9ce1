#pragma once

#include "engine/sim/cluster.h"

#include <map>
#include <set>

namespace signalbox::sim {

/// What a nemesis may do.
struct NemesisOptions {
    Duration mean_interval = base::milliseconds(200);
    bool server_restarts = true;
    bool between_servers = false;  ///< Ways between servers are harmed as well.
};

/// Does harm to a cluster, by chance drawn from the run's seed: resets, silent and slow links,
/// partitions, paused processes, servers that stop, crash or lose their power, calendars that jump.
class Nemesis {
public:
    Nemesis(Cluster& cluster, NemesisOptions options) : cluster_(cluster), options_(options) {}
    ~Nemesis() { stop(); }

    Nemesis(Nemesis const&) = delete;
    Nemesis& operator=(Nemesis const&) = delete;

    void start();

    /// Ends all harm: servers run, machines are not paused, links are as they were.
    void stop();

    /// How often it did something, for tests that want to be sure that it did.
    std::map<std::string, int> const& deeds() const { return deeds_; }

private:
    void act();
    void break_link(SimClient& client);
    void harm_way(SimClient& client);
    void harm_route();
    void pause_process(SimClient& client);
    void harm_server(SimServer& server);
    void later(Duration most, world::Task task);
    Duration up_to(Duration most);

    Cluster& cluster_;
    NemesisOptions const options_;
    bool active_ = false;
    EventQueue::Id next_;
    std::vector<ConnectionId> held_;
    std::set<std::string> slowed_;
    std::map<std::string, int> deeds_;
};

}  // namespace signalbox::sim
