#pragma once

#include "engine/client/client.h"
#include "engine/host/topology_watch.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace signalbox::host {

/// How the servers around one elsewhere hang together, while somebody wants to see it. A user of
/// the system account sees all of them; over monitoring one says what it sees of the others.
class RemoteTopology {
public:
    /// That many servers are asked at most.
    static constexpr std::size_t kMostServers = 64;

    explicit RemoteTopology(World& world) : world_(world), watch_(world) {}
    ~RemoteTopology();

    RemoteTopology(RemoteTopology const&) = delete;
    RemoteTopology& operator=(RemoteTopology const&) = delete;

    void want(bool wanted);
    void set_watched(bool watched) { watch_.set_watched(watched); }

    /// The way of asking from now on. `client` is of the system account and outlives its use.
    void use(client::Client& client);
    void use(MonitoringUrl const& url, tls::ContextPtr const& tls);
    void use_nothing();

    /// None while nobody wants it, or it cannot be told.
    observe::TopologyPtr make();

private:
    void begin();
    void end();
    void discover();
    void found(std::string_view answer);

    struct Monitoring {
        MonitoringUrl url;
        tls::ContextPtr tls;
    };

    World& world_;
    TopologyWatch watch_;
    bool wanted_ = false;
    client::Client* client_ = nullptr;
    std::optional<Monitoring> monitoring_;
    client::Sid sid_ = 0;
    std::string inbox_;
    std::map<std::string, std::uint32_t> numbers_;  ///< By the server's name.
    std::map<std::string, std::string> ids_;        ///< Likewise.
    std::uint32_t last_ = 0;
    world::TimerId timer_;
};

}  // namespace signalbox::host
