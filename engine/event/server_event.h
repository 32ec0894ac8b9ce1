#pragma once

#include "engine/base/time.h"
#include "engine/event/account_event.h"

#include <cstdint>
#include <string>

namespace signalbox::event {

/// The server takes no more clients, and sends away those it has.
struct LameDuckBegun {};

/// The server ends; nothing is said after this.
struct ServerStopping {};

/// A certificate, as those who look for the one that was refused need it.
struct CertificateFacts {
    std::string subject;
    std::string issuer;
    std::string fingerprint;
    std::string raw;  ///< In base64.
};

/// A peer was refused, for its certificate is revoked or nobody vouches that it is not.
struct PeerCertificateRefused {
    std::string kind;  ///< Of the connection: `Client`.
    CertificateFacts peer;
    std::string reason;
};

/// A certificate between a peer's own and the authority's is revoked, or nobody vouches for it.
struct CertificateLinkInvalid {
    CertificateFacts link;
    CertificateFacts peer;  ///< Whose chain it is part of.
    std::string reason;
};

/// What a server holds and has done, said now and then.
struct ServerStats {
    WallTime start;
    std::uint64_t resident_bytes = 0;
    unsigned cores = 1;
    double cpu_percent = 0;
    std::uint64_t connections = 0;
    std::uint64_t total_connections = 0;
    std::uint64_t active_accounts = 0;
    std::uint64_t subscriptions = 0;
    Traffic sent;
    Traffic received;
    std::uint64_t slow_consumers = 0;
    std::uint64_t stale_connections = 0;
    std::uint64_t stalled_clients = 0;
};

}  // namespace signalbox::event
