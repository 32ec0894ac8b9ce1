#pragma once

#include "engine/base/time.h"
#include "engine/config/compression_options.h"
#include "engine/config/listen_address.h"
#include "engine/config/server_url.h"
#include "engine/config/tls_options.h"
#include "engine/permission/permissions.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::config {

/// Who another server has to say it is.
struct PeerLogin {
    std::string user;  ///< Empty: anyone.
    crypto::Secret password;
    Duration timeout = base::seconds(2);
    bool timeout_given = false;

    friend bool operator==(PeerLogin const&, PeerLogin const&) = default;
};

/// How a connection to another server is looked after; zero and negative: as those of clients.
struct PeerTimes {
    Duration ping_interval{0};
    std::int64_t ping_max = 0;
    Duration write_deadline{0};
    /// What becomes of a peer that takes nothing for so long: `default`, `close` or `retry`.
    std::string write_timeout = "default";

    friend bool operator==(PeerTimes const&, PeerTimes const&) = default;
};

/// The block `cluster { … }`: the servers that are one with this one.
struct ClusterOptions {
    std::string name;      ///< Empty: one is made up, and that of others taken.
    ListenAddress listen;  ///< Port 0: there is no cluster.
    std::string advertise;
    bool no_advertise = false;  ///< Clients are not told of the other servers.
    PeerLogin login;
    std::optional<TlsOptions> tls;
    std::optional<permission::SubjectRules> imports;  ///< What is taken from the others.
    std::optional<permission::SubjectRules> exports;  ///< What they may have.
    std::vector<ServerUrl> routes;
    std::int64_t connect_retries = 0;  ///< To servers that others told of.
    bool connect_backoff = false;
    std::int64_t pool_size = 3;         ///< Negative: one connection to each server, as of old.
    std::vector<std::string> accounts;  ///< That have a connection of their own.
    CompressionOptions compression;
    PeerTimes times;

    bool enabled() const { return listen.port != 0; }
    friend bool operator==(ClusterOptions const&, ClusterOptions const&) = default;
};

}  // namespace signalbox::config
