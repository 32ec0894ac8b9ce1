#pragma once

#include "engine/base/time.h"

#include <cstdint>
#include <string>
#include <vector>

namespace signalbox::monitor {

/// A connection with a leaf node, or with a hub.
struct LeafFacts {
    std::uint64_t cid = 0;
    std::string name;
    bool is_spoke = false;  ///< The server that is asked is the leaf node.
    bool is_isolated = false;
    std::string account;
    std::string ip;
    std::uint16_t port = 0;
    Duration rtt{0};  ///< 0: not known.
    std::uint64_t in_msgs = 0;
    std::uint64_t in_bytes = 0;
    std::uint64_t out_msgs = 0;
    std::uint64_t out_bytes = 0;
    std::uint64_t subscriptions = 0;
    std::string compression;
    std::string proxy_key;  ///< Empty: it came through none.
};

/// A connection with a server of another cluster.
struct GatewayFacts {
    /// What is wanted of an account over there.
    struct Account {
        std::string name;
        std::uint64_t plain = 0;
        std::uint64_t queues = 0;
    };

    std::uint64_t gid = 0;
    std::string name;  ///< Of the cluster.
    std::string server_id;
    bool outbound = false;  ///< This server dialled, and sends messages over it.
    bool configured = false;
    std::string ip;
    std::uint16_t port = 0;
    WallTime start;
    WallTime last_activity;
    Duration rtt{0};  ///< 0: not known.
    std::uint64_t pending_bytes = 0;
    std::uint64_t in_msgs = 0;
    std::uint64_t in_bytes = 0;
    std::uint64_t out_msgs = 0;
    std::uint64_t out_bytes = 0;
    std::uint64_t subscriptions = 0;
    std::vector<Account> accounts;
};

/// What a server has of gateways.
struct GatewaySideFacts {
    std::string name;  ///< Of its cluster; empty: it has none.
    std::string host;  ///< Where other clusters connect.
    std::uint16_t port = 0;
};

/// What a server has of leaf nodes and hubs.
struct LeafSideFacts {
    std::string host;        ///< Where leaf nodes connect.
    std::uint16_t port = 0;  ///< 0: nowhere.
    std::uint64_t count = 0;
    std::uint64_t in_msgs = 0;  ///< Over all of them.
    std::uint64_t in_bytes = 0;
    std::uint64_t out_msgs = 0;
    std::uint64_t out_bytes = 0;
};

}  // namespace signalbox::monitor
