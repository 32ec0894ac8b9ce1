#pragma once

#include "engine/base/result.h"
#include "engine/host/lab/scenario.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::host::lab {

/// Where one server listens; 0: not at all.
struct Ports {
    std::uint16_t client = 0;
    std::uint16_t monitoring = 0;
    std::uint16_t route = 0;
    std::uint16_t gateway = 0;
    std::uint16_t leaf = 0;
};

/// How the servers of a plan are reached.
enum class Addressing {
    Machines,  ///< Each is a machine of its own, with the usual ports.
    Loopback,  ///< All are on 127.0.0.1, each with its own ports.
};

struct PlannedServer {
    std::string name;
    std::string cluster;  ///< Empty: a leaf node.
    std::string hub;      ///< Of a leaf node: its cluster.
    std::string host;
    Ports ports;
};

/// A topology with its servers named, their addresses settled and their configuration written.
class Plan {
public:
    /// `first` shifts all ports of `Loopback`, so that several plans fit on one machine.
    Plan(Topology topology, Addressing addressing, std::uint16_t first = 0);

    std::vector<PlannedServer> const& servers() const { return servers_; }
    Topology const& topology() const { return topology_; }

    /// The servers that the names stand for: each is a server, a cluster, a leaf node, or `all`.
    /// Errors: NotFound.
    Result<std::vector<std::size_t>> expand(Places const& places) const;
    /// Errors: NotFound.
    Result<std::size_t> find(std::string const& server) const;

    /// A file that the service runs as it is. `monitored` opens a monitoring listener as well.
    std::string configuration(std::size_t server, bool monitored) const;

    /// Whether the two are to be connected: by a route, a gateway or as hub and leaf.
    bool linked(std::size_t a, std::size_t b) const;

    /// What the topology's `link` lines say of the way between two servers; the last that speaks
    /// of them counts.
    shape::LinkProfile profile(std::size_t a, std::size_t b) const;

private:
    bool in_super_cluster(std::string const& cluster) const;
    std::vector<std::size_t> members(std::string const& cluster) const;
    void append_cluster(std::string& out, std::size_t server) const;
    void append_gateway(std::string& out, std::size_t server) const;
    void append_leafs(std::string& out, std::size_t server) const;
    bool is_hub(std::string const& cluster) const;

    Topology topology_;
    std::vector<PlannedServer> servers_;
};

/// Whether all that a scenario names is there, and its numbers fit together.
/// Errors: Malformed, whose detail begins with `line N: ` where a step is at fault.
Result<void> check(Scenario const& scenario);

}  // namespace signalbox::host::lab
