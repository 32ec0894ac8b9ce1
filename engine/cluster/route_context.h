#pragma once

#include "engine/account/account_directory.h"
#include "engine/auth/secret_check.h"
#include "engine/base/logger.h"
#include "engine/config/options.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/dispatch/trace_teller.h"
#include "engine/observe/observation.h"
#include "engine/tls/context.h"
#include "engine/transport/transport.h"
#include "engine/world/world.h"

#include <string>

namespace signalbox::cluster {

/// What all routes of a server share. What a reload changes is reached through the pointers.
struct RouteContext {
    World& world;
    Logger& log;
    account::AccountDirectory& accounts;
    dispatch::Dispatcher& dispatcher;
    observe::Observation& observation;
    transport::FlushQueue& flush;
    auth::SecretCheck& secrets;
    dispatch::TraceTeller& traces;
    config::Options const* options = nullptr;
    std::string server_id;
    std::string server_name;
    tls::ContextPtr listen_tls = {};  ///< Null without TLS.
    tls::ContextPtr dial_tls = {};

    config::ClusterOptions const& cluster() const { return options->cluster; }
    bool pools() const { return cluster().pool_size > 0; }
};

}  // namespace signalbox::cluster
