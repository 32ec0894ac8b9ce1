#pragma once

#include "engine/base/json_writer.h"
#include "engine/base/result.h"
#include "engine/crypto/secret.h"
#include "engine/permission/permissions.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::cluster {

/// The level of what servers know of each other: since 3 they may send traced messages.
inline constexpr int kPeerProtocol = 3;

/// What a server says of itself, whatever is at the other end.
struct ServerWords {
    std::string server_id;
    std::string server_name;
    std::string version;
    int protocol = kPeerProtocol;
    std::string runtime;  ///< `go`; empty: ours.
    std::string host;
    int port = 0;
    bool headers = true;
    bool auth_required = false;
    bool tls_required = false;
    bool tls_verify = false;
    std::int64_t max_payload = 0;
    bool jetstream = false;
    std::string ip;  ///< On routes a URL, on leaf nodes `host:port`.
    std::uint64_t client_id = 0;
    std::string nonce;
    std::string domain;
    std::string compression;
};

/// What it says of its cluster, and on routes.
struct RouteWords {
    std::string cluster;
    bool cluster_dynamic = false;
    std::vector<std::string> connect_urls;
    std::vector<std::string> ws_connect_urls;
    bool lame_duck = false;
    std::optional<permission::SubjectRules> imports;
    std::optional<permission::SubjectRules> exports;
    bool knows_origins = false;             ///< `lnoc`: LS+ and LMSG with a cluster.
    bool knows_origins_in_removal = false;  ///< `lnocu`: LS- too.
    std::int64_t pool_size = 0;
    std::int64_t pool_index = 0;
    std::string route_account;
    std::string account_request;  ///< `route_acc_add_reqid`
    std::int64_t gossip_mode = 0;
};

/// What it says to leaf nodes.
struct LeafWords {
    bool info_on_connect = false;
    bool connect_info = false;
    std::vector<std::string> leafnode_urls;
    std::string remote_account;
    bool account_is_system = false;
};

/// What it says on gateways.
struct GatewayWords {
    std::string gateway;
    std::vector<std::string> gateway_urls;
    std::string gateway_url;
    std::int64_t gateway_command = 0;
    std::string gateway_command_payload;
    bool gateway_new_replies = false;    ///< `gateway_nrp`
    bool gateway_interest_only = false;  ///< `gateway_iom`
};

/// INFO as servers say it to each other, of routes, gateways and leaf nodes. What is empty, zero or
/// false is not said, but for the first ones.
struct PeerInfo : ServerWords, RouteWords, LeafWords, GatewayWords {
    /// Errors: Malformed (no JSON object, a field of another type).
    static Result<PeerInfo> parse(std::string_view json);
};

/// `INFO {…} \r\n`, the fields in the reference's order.
std::string info_line(PeerInfo const& info);

/// What a leaf node adds to its CONNECT.
struct LeafConnect {
    std::string server_id;
    std::string version;
    std::string nkey;
    crypto::Secret jwt;
    std::string signature;
    std::string proxy_signature;
    std::string domain;
    bool is_hub = false;
    bool jetstream = false;
    std::vector<std::string> deny_publish;
    std::string compression;
    std::string remote_account;
    bool isolate = false;
    int protocol = 0;
};

/// CONNECT as servers say it to each other.
struct PeerConnect : LeafConnect {
    bool echo = false;
    std::string user;
    crypto::Secret password;
    crypto::Secret token;
    bool tls_required = false;
    bool headers = true;
    std::string name;  ///< On routes and gateways the server's id.
    std::string cluster;
    bool cluster_dynamic = false;
    bool knows_origins = false;
    std::string gateway;
    std::string lang;  ///< Of clients that came to the wrong port.

    /// Errors: as of `PeerInfo`.
    static Result<PeerConnect> parse(std::string_view json);
};

/// Of routes and gateways.
std::string connect_line(PeerConnect const& connect);
/// Of leaf nodes.
std::string leaf_connect_line(PeerConnect const& connect);

}  // namespace signalbox::cluster
