#pragma once

#include "engine/base/time.h"
#include "engine/shape/link_profile.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

/// Clusters that are built to be broken: on a scale of files, of time, or of a window.
namespace signalbox::host::lab {

/// Servers that are one cluster. One alone has no routes.
struct ClusterSpec {
    std::string name;
    std::uint32_t servers = 0;

    friend bool operator==(ClusterSpec const&, ClusterSpec const&) = default;
};

/// A server of its own that attaches to a cluster as a leaf node.
struct LeafSpec {
    std::string name;
    std::string hub;  ///< A cluster.

    friend bool operator==(LeafSpec const&, LeafSpec const&) = default;
};

/// What the ways between two servers, clusters or leafs are like.
struct LinkSpec {
    std::string a;
    std::string b;
    shape::LinkProfile profile;

    friend bool operator==(LinkSpec const&, LinkSpec const&) = default;
};

/// Which servers there are and how they hang together.
struct Topology {
    std::vector<ClusterSpec> clusters;
    std::vector<std::string>
        super_cluster;  ///< Clusters joined by gateways; none, or two and more.
    std::vector<LeafSpec> leafs;
    std::vector<LinkSpec> links;
    std::vector<std::string> settings;  ///< Lines of configuration that every server is given.

    friend bool operator==(Topology const&, Topology const&) = default;
};

enum class LoadKind {
    Publish,  ///< Publishers, and plain subscriptions.
    Queue,    ///< Publishers, and the members of one queue group.
    Request,  ///< Requesters, and the members of a queue group that answer.
};

/// Clients that do something all the time.
struct LoadSpec {
    std::string name;
    LoadKind kind = LoadKind::Publish;
    std::vector<std::string> subjects;  ///< Literal; a range is written out.
    std::string filter;                 ///< What is subscribed to.
    std::uint32_t rate = 100;           ///< Messages a second of each publisher.
    std::vector<std::string> from;  ///< Where publishers are; empty: one at each cluster and leaf.
    std::vector<std::string> to;    ///< Where subscribers are, likewise.
    std::uint32_t workers = 1;      ///< Subscribers at each place.
    std::uint32_t payload_bytes = 64;
    Duration timeout = base::seconds(2);  ///< Of a request.

    friend bool operator==(LoadSpec const&, LoadSpec const&) = default;
};

/// Names of servers, clusters and leafs; what they stand for is settled by `Plan`.
using Places = std::vector<std::string>;

/// Nothing passes between the two sides, or from the first to the second alone.
struct Cut {
    Places a;
    Places b;
    bool one_way = false;
    friend bool operator==(Cut const&, Cut const&) = default;
};
/// Ends all cuts, or those between the two sides.
struct Heal {
    Places a;
    Places b;
    friend bool operator==(Heal const&, Heal const&) = default;
};
struct ChangeLink {
    LinkSpec link;
    friend bool operator==(ChangeLink const&, ChangeLink const&) = default;
};
/// Resets the connections there are.
struct Break {
    std::string a;
    std::string b;
    friend bool operator==(Break const&, Break const&) = default;
};
enum class Deed {
    Pause,  ///< Its thread stands still, and its links stay.
    Resume,
    Kill,  ///< As `kill -9` does.
    Stop,  ///< As a signal asks it to.
    Start,
    Restart,  ///< Killed and started at once.
    Drain,    ///< Lame duck mode.
    Unplug,   ///< Its machine loses its power: peers are not told. In simulation alone.
};
struct Act {
    Deed deed = Deed::Kill;
    Places servers;
    std::optional<Duration> time;  ///< Of a pause.
    friend bool operator==(Act const&, Act const&) = default;
};
/// The calendar of its machine is that far ahead. In simulation alone.
struct SetClock {
    Places servers;
    Duration ahead{0};
    friend bool operator==(SetClock const&, SetClock const&) = default;
};

enum class Claim {
    Delivery,   ///< From then on, until the next fault, all messages arrive as they must.
    Connected,  ///< Every client of the loads is connected.
    Clients,    ///< So many of them are connected to the server.
    Routes,     ///< So many servers have a route to the server.
    Gateways,   ///< It has so many outbound gateway connections.
    Leafs,      ///< So many leaf node connections.
};
struct Expect {
    Claim claim = Claim::Delivery;
    std::string server;
    std::uint32_t count = 0;
    Duration within{0};
    friend bool operator==(Expect const&, Expect const&) = default;
};

using Action = std::variant<Cut, Heal, ChangeLink, Break, Act, SetClock, Expect>;

struct Step {
    Duration at{0};
    Action action;
    int line = 0;  ///< Of the file; 0: of none.

    friend bool operator==(Step const& a, Step const& b) {
        return a.at == b.at && a.action == b.action;
    }
};

/// A cluster, what its clients do, what goes wrong when, and what must be true all the same.
struct Scenario {
    std::uint64_t seed = 1;
    Topology topology;
    std::vector<LoadSpec> loads;
    std::vector<Step> steps;  ///< In the order of their times.
    Duration until{0};

    friend bool operator==(Scenario const&, Scenario const&) = default;
};

}  // namespace signalbox::host::lab
