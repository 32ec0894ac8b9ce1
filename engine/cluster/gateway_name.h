#pragma once

#include <string>
#include <string_view>

namespace signalbox::cluster {

/// Six characters for the name of a cluster or the id of a server, as replies that cross clusters
/// carry them.
std::string gateway_hash(std::string_view name);

/// Where a reply leads that came from another cluster: `_GR_.cluster.server.reply`.
struct GatewayReply {
    std::string_view cluster;  ///< Its hash.
    std::string_view server;
    std::string_view reply;  ///< Empty: it is none of these.

    static GatewayReply of(std::string_view subject);
};

inline constexpr std::string_view kGatewayReplies = "_GR_.";

}  // namespace signalbox::cluster
