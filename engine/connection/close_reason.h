#pragma once

#include <string_view>

namespace signalbox::connection {

/// Why a connection was closed.
enum class CloseReason {
    ClientClosed,
    AuthenticationTimeout,
    AuthenticationViolation,
    TlsHandshakeFailure,
    SlowConsumerPendingBytes,
    SlowConsumerWriteDeadline,
    WriteError,
    ReadError,
    ParseError,
    StaleConnection,
    ProtocolViolation,
    BadClientProtocolVersion,
    AuthenticationExpired,
    CredentialsRevoked,
    ProxyRequired,
    ProxyNotTrusted,
    MaxAccountConnectionsExceeded,
    MaxConnectionsExceeded,
    MaxPayloadExceeded,
    MaxControlLineExceeded,
    MaxSubscriptionsExceeded,
    ServerShutdown,
    NoRespondersRequiresHeaders,
    Kicked,
    // Of connections to other servers.
    WrongPort,
    DuplicateRoute,
    RouteRemoved,
    DuplicateServerName,
    ClusterNameConflict,
    ClusterNamesIdentical,
    WrongGateway,
    DuplicateRemoteLeafNode,
    MinimumVersionRequired,
    MissingAccount,
};

/// As monitoring, events and logs show it.
std::string_view text_of(CloseReason reason);

}  // namespace signalbox::connection
