#pragma once

#include "engine/base/time.h"
#include "engine/observe/rate.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace signalbox::observe {

/// A server among others, as it says itself or as others see it.
struct TopologyServer {
    std::string name;
    std::string id;  ///< Empty: not known.
    std::string cluster;
    std::string version;
    std::string host;
    std::uint16_t port = 0;
    bool asked = false;     ///< Else it is only known from others.
    bool answered = false;  ///< Its figures are of now.
    Rate in_msgs;
    Rate in_bytes;
    Rate out_msgs;
    Rate out_bytes;
    std::uint64_t connections = 0;
    std::uint64_t subscriptions = 0;
    std::uint64_t slow_consumers = 0;
    std::uint64_t resident_bytes = 0;
    double cores = 0;
    WallTime start;
};

enum class TopologyLinkKind {
    Route,
    Gateway,  ///< What `from` dialled: the other direction is one of its own.
    Leaf,     ///< `from` is the leaf node.
};

/// What connects two servers, as one connection or several.
struct TopologyLink {
    TopologyLinkKind kind = TopologyLinkKind::Route;
    std::string from;  ///< Names of servers.
    std::string to;
    std::uint32_t connections = 0;
    Rate forth_msgs;  ///< From `from` to `to`.
    Rate forth_bytes;
    Rate back_msgs;
    Rate back_bytes;
    std::uint64_t pending_bytes = 0;
    std::uint64_t subscriptions = 0;
    Duration rtt{0};  ///< 0: not known.
    WallTime start;
};

/// The clients of one server that have one name.
struct TopologyClients {
    std::string server;
    std::string name;  ///< Empty: they said none.
    std::uint64_t count = 0;
    double in_msgs_per_second = 0;  ///< What they publish.
    double out_msgs_per_second = 0;
    std::uint64_t pending_bytes = 0;
    std::uint64_t slow = 0;  ///< Of them.
};

/// How servers hang together: made by who asks them, never changed after.
struct Topology {
    std::vector<TopologyServer> servers;  ///< By cluster and name.
    std::vector<TopologyLink> links;
    std::vector<TopologyClients> clients;
    std::uint64_t clients_unlisted = 0;  ///< Past what a server lists.
};

using TopologyPtr = std::shared_ptr<Topology const>;

}  // namespace signalbox::observe
