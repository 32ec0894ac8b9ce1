#pragma once

#include <cstdint>

namespace signalbox::account {

/// Messages and their bytes, headers and payload.
struct Traffic {
    std::uint64_t msgs = 0;
    std::uint64_t bytes = 0;
};

/// What an account's connections on this server did, and how many there are.
struct Usage {
    std::int64_t clients = 0;
    std::int64_t leafnodes = 0;
    std::uint64_t connections_ever = 0;
    std::uint64_t slow_consumers = 0;
    Traffic received;  ///< From its connections.
    Traffic sent;      ///< To its subscriptions.
};

}  // namespace signalbox::account
