#pragma once

#include "engine/config/cluster_options.h"
#include "engine/config/tls_options.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::config {

/// Another cluster.
struct RemoteGatewayOptions {
    std::string name;
    std::vector<ServerUrl> urls;
    std::optional<TlsOptions> tls;  ///< None: that of the whole block.

    friend bool operator==(RemoteGatewayOptions const&, RemoteGatewayOptions const&) = default;
};

/// The block `gateway { … }`.
struct GatewayOptions {
    std::string name;  ///< Of the cluster; empty: there are no gateways.
    ListenAddress listen;
    std::string advertise;
    PeerLogin login;
    std::optional<TlsOptions> tls;
    std::int64_t connect_retries = 0;  ///< For clusters that others told of.
    bool connect_backoff = false;
    bool reject_unknown = false;  ///< Clusters that `gateways` does not name.
    PeerTimes times;
    std::vector<RemoteGatewayOptions> gateways;

    bool enabled() const { return !name.empty(); }
    friend bool operator==(GatewayOptions const&, GatewayOptions const&) = default;
};

}  // namespace signalbox::config
