#pragma once

#include "engine/base/time.h"
#include "engine/tls/peer_identity.h"

#include <cstdint>
#include <memory>
#include <string>

namespace signalbox::observe {

/// Who is at the other end of a connection; made anew when a CONNECT changes it, never changed.
struct ConnectionIdentity {
    std::uint64_t cid = 0;
    std::uint32_t slot = 0;  ///< Of its counters.
    std::string kind;        ///< `Client`.
    std::string ip;
    std::uint16_t port = 0;
    std::string name;
    std::string lang;
    std::string version;
    std::string account;
    std::string user;  ///< As monitoring shows it: never a token.
    WallTime start;
    std::shared_ptr<tls::PeerIdentity const> tls;  ///< Null: it came without TLS.
    bool tls_first = false;                        ///< Its handshake came before INFO.
};
using ConnectionIdentityPtr = std::shared_ptr<ConnectionIdentity const>;

enum class EventKind {
    ServerReady,
    ServerStopped,
    ConnectionOpened,
    ConnectionIdentified,
    ConnectionClosed,
    AuthenticationFailed,
    AttemptsHeldBack,  ///< From an address or on a name they wait from now on.
    SlowConsumer,
    ConfigurationReloaded,
    ConfigurationRefused,
};

/// The figures of a connection at the end of its life.
struct FinalFigures {
    std::uint64_t in_msgs = 0;
    std::uint64_t in_bytes = 0;
    std::uint64_t out_msgs = 0;
    std::uint64_t out_bytes = 0;
    std::uint64_t subscriptions = 0;
};

/// Something rare that happened to a server.
struct EventRow {
    EventKind kind = EventKind::ServerReady;
    std::uint32_t server = 0;
    WallTime time;
    ConnectionIdentityPtr connection;  ///< None for what happened to the server itself.
    std::string text;                  ///< The reason of a close, or a sentence.
    FinalFigures last;                 ///< Of `ConnectionClosed`.
};

/// One line of a server's log.
struct LogRow {
    int level = 0;  ///< A `base::LogLevel`.
    std::uint32_t server = 0;
    WallTime time;
    std::string text;
};

}  // namespace signalbox::observe
