#pragma once

#include "engine/base/json_reader.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/observe/event_row.h"
#include "engine/observe/topology.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What a server's monitoring documents and system events say, as far as a window shows it. They
/// come from servers of many versions: what is absent, or of another type, counts as not said.
namespace signalbox::host {

/// Messages and bytes both ways, as totals. In is what the server received.
struct TrafficTotals {
    std::uint64_t in_msgs = 0;
    std::uint64_t in_bytes = 0;
    std::uint64_t out_msgs = 0;
    std::uint64_t out_bytes = 0;
};

/// Of VARZ.
struct ServerFigures {
    std::string id;
    std::string name;
    std::string version;
    std::string cluster;
    std::string host;
    std::uint16_t port = 0;
    WallTime start;
    WallTime now;
    TrafficTotals traffic;
    std::uint64_t connections = 0;
    std::uint64_t total_connections = 0;
    std::uint64_t subscriptions = 0;
    std::uint64_t slow_consumers = 0;
    std::uint64_t stale_connections = 0;
    std::uint64_t max_pending = 0;
    std::uint64_t resident_bytes = 0;
    double cores = 0;  ///< In use: 1.0 is one.
};

struct ConnectionFigures {
    observe::ConnectionIdentity identity;
    TrafficTotals traffic;
    std::uint64_t pending_bytes = 0;
    std::uint64_t subscriptions = 0;
    WallTime last_activity;
    Duration rtt{0};
    WallTime stop;  ///< Of closed ones, as is the next.
    std::string reason;
};

/// Of CONNZ.
struct ConnectionsDocument {
    std::vector<ConnectionFigures> connections;
    std::uint64_t total = 0;  ///< Before paging.
    WallTime now;
};

struct SubscriptionFigures {
    std::string account;
    std::string filter;
    std::uint64_t cid = 0;
};

/// Of SUBSZ.
struct SubscriptionsDocument {
    std::vector<SubscriptionFigures> subscriptions;
    std::uint64_t total = 0;
};

struct AccountFigures {
    std::string name;
    std::uint64_t connections = 0;
    std::uint64_t leaf_nodes = 0;
    std::uint64_t total_connections = 0;
    std::uint64_t subscriptions = 0;
    std::uint64_t slow_consumers = 0;
    TrafficTotals traffic;
};

/// A connect, a disconnect or a refusal, as the system account tells of it.
struct ClientEvent {
    enum class Kind {
        Connect,
        Disconnect,
    };
    Kind kind = Kind::Connect;
    std::string server_id;
    WallTime time;
    observe::ConnectionIdentity identity;
    std::string reason;
    TrafficTotals traffic;
};

/// What a server says of itself in INFO.
struct ServerGreeting {
    std::string id;
    std::string name;
    std::string version;
    std::uint64_t client_id = 0;
    bool tls_required = false;
    bool tls_available = false;
    bool auth_required = false;
    bool headers = false;
};

/// A connection to another server, of ROUTEZ, GATEWAYZ or LEAFZ.
struct PeerFigures {
    observe::TopologyLinkKind kind = observe::TopologyLinkKind::Route;
    /// Of a gateway: the other side dialled. Of a leaf node: the other side is the leaf.
    bool inbound = false;
    std::string peer_id;  ///< Any of these may be empty.
    std::string peer_name;
    std::string peer_cluster;  ///< Of a gateway.
    std::string ip;
    std::uint16_t port = 0;
    TrafficTotals traffic;
    std::uint64_t pending_bytes = 0;
    std::uint64_t subscriptions = 0;
    Duration rtt{0};
    WallTime start;
};

/// Errors, of all: Malformed (it is no such document).
Result<ServerFigures> read_varz(Json const& document);
Result<ConnectionsDocument> read_connz(Json const& document);
Result<SubscriptionsDocument> read_subsz(Json const& document);
Result<std::vector<AccountFigures>> read_accstatz(Json const& document);
Result<std::vector<PeerFigures>> read_routez(Json const& document);
Result<std::vector<PeerFigures>> read_gatewayz(Json const& document);
Result<std::vector<PeerFigures>> read_leafz(Json const& document);
Result<ClientEvent> read_client_event(Json const& document);
Result<ServerGreeting> read_greeting(Json const& document);

/// What an answer of the system account holds: `{"server":…,"data":…}`. `json` outlives the result.
/// Errors: Malformed, Unavailable (the server says why it does not answer).
Result<Json const*> data_of_answer(Json const& json);

/// A time as RFC 3339 writes it, of any offset; nothing when it is none.
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace signalbox::host
