#pragma once

#include "engine/event/client_info.h"

#include <cstdint>
#include <string>

namespace signalbox::event {

/// Messages and the bytes of their headers and payloads.
struct Traffic {
    std::uint64_t msgs = 0;
    std::uint64_t bytes = 0;
};

/// A client said who it is and was let in.
struct ClientConnected {
    ClientInfo client;
};

/// One of those is gone.
struct ClientDisconnected {
    ClientInfo client;
    Traffic sent;  ///< By the client.
    Traffic received;
    std::string reason;
};

/// A client was not let in.
struct ClientRefused {
    ClientInfo client;
    Traffic sent;
    Traffic received;
    std::string reason;
    /// Why, for those who look after the account it would have had; empty: that is not known, or
    /// none of its business.
    std::string account_reason;
};

/// How many connections an account has on this server, and what they did since it started.
struct AccountStat {
    std::string account;
    std::string name;  ///< As people know it.
    std::int64_t connections = 0;
    std::int64_t leafnodes = 0;
    std::uint64_t subscriptions = 0;
    Traffic sent;      ///< To its connections.
    Traffic received;  ///< From them.
    std::uint64_t slow_consumers = 0;
};

}  // namespace signalbox::event
