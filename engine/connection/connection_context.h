#pragma once

#include "engine/account/account_directory.h"
#include "engine/auth/authenticator.h"
#include "engine/base/logger.h"
#include "engine/config/options.h"
#include "engine/connection/handshake_rate.h"
#include "engine/connection/peer_check.h"
#include "engine/connection/run_builder.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/dispatch/trace_teller.h"
#include "engine/event/event_sink.h"
#include "engine/observe/observation.h"
#include "engine/permission/rule_books.h"
#include "engine/protocol/info.h"
#include "engine/tls/session.h"
#include "engine/transport/transport.h"
#include "engine/world/world.h"

#include <cstdint>

namespace signalbox::connection {

/// What all connections of a server share. What a reload changes is reached through the pointers,
/// so that connections see it at once.
struct ConnectionContext {
    World& world;
    Logger& log;
    account::AccountDirectory& accounts;
    dispatch::Dispatcher& dispatcher;
    observe::Observation& observation;
    transport::FlushQueue& flush;
    /// What the connection that is being read has published and not yet handed over.
    RunBuilder gathered = {};
    permission::RuleBooks rule_books = {};
    config::Options const* options = nullptr;
    dispatch::TraceTeller* traces = nullptr;  ///< Null: no message is traced.
    auth::Authenticator* authenticator = nullptr;
    event::EventSink* events = nullptr;  ///< Null: nobody is told.
    protocol::Info info;                 ///< What is the same for every client.
    tls::ContextPtr tls;                 ///< Of the client listener; null without TLS.
    tls::Staple staple;  ///< What an OCSP responder said of its certificate; null: nothing.
    HandshakeRate handshakes = {};
    PeerCheck* peer_check = nullptr;  ///< Null: a certificate that verifies is enough.
    std::uint64_t hash_seed = 0;      ///< A secret, for what is found by names that clients choose.
};

/// The kind of a connection: what is at its other end.
enum class ConnectionKind {
    Client,
};

}  // namespace signalbox::connection
