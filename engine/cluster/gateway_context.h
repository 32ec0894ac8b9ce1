#pragma once

#include "engine/auth/secret_check.h"
#include "engine/connection/connection_context.h"
#include "engine/tls/context.h"

#include <string>

namespace signalbox::cluster {

/// What all connections with other clusters share. What a reload changes is reached through the
/// pointers.
struct GatewayContext {
    connection::ConnectionContext& clients;  ///< What they share with clients.
    auth::SecretCheck& secrets;
    std::string server_id;
    std::string server_name;
    tls::ContextPtr listen_tls = {};  ///< Null without TLS.
    tls::ContextPtr dial_tls = {};

    World& world() const { return clients.world; }
    Logger& log() const { return clients.log; }
    config::Options const& options() const { return *clients.options; }
    config::GatewayOptions const& gateway() const { return clients.options->gateway; }
};

}  // namespace signalbox::cluster
