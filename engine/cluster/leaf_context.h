#pragma once

#include "engine/auth/authenticator.h"
#include "engine/connection/connection_context.h"
#include "engine/tls/context.h"

#include <cstdint>
#include <functional>
#include <string>

namespace signalbox::cluster {

/// What all connections with leaf nodes of a server share, and those to its hubs. What a reload
/// changes is reached through the pointers.
struct LeafContext {
    connection::ConnectionContext& clients;  ///< What they share with clients.
    std::string server_id;
    std::string server_name;
    std::function<std::uint64_t()> next_number;    ///< They are counted with the clients.
    std::function<std::string()> cluster_name;     ///< Empty: this server is in none.
    auth::Authenticator* authenticator = nullptr;  ///< Of those who come in.
    tls::ContextPtr listen_tls = {};               ///< Null without TLS.

    World& world() const { return clients.world; }
    Logger& log() const { return clients.log; }
    config::Options const& options() const { return *clients.options; }
    config::LeafOptions const& leaf() const { return clients.options->leaf; }
    /// A server that is in no cluster is one of its own.
    std::string own_cluster() const {
        std::string name = cluster_name();
        return name.empty() ? server_name : name;
    }
};

}  // namespace signalbox::cluster
