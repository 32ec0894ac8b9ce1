#pragma once

#include "engine/auth/verdict.h"
#include "engine/base/bytes.h"
#include "engine/base/time.h"
#include "engine/config/options.h"
#include "engine/connection/connection_table.h"
#include "engine/event/account_event.h"
#include "engine/monitor/http_stats.h"
#include "engine/monitor/peer_facts.h"
#include "engine/observe/event_row.h"
#include "engine/observe/server_counters.h"
#include "engine/world/world.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::claims {
struct AccountClaims;
}
namespace signalbox::jetstream {
class JetStream;
}

namespace signalbox::monitor {

/// Who a server is, and what it was told.
struct ServerFacts {
    std::string id;
    std::string name;
    std::string version;      ///< The level of the reference that clients see.
    std::string own_version;  ///< Of this program.
    std::string runtime;      ///< What it runs on, where the reference has its language's version.
    std::string host;         ///< Where clients connect, as INFO says.
    std::uint16_t port = 0;
    std::vector<std::string> connect_urls;
    std::string http_host;
    std::uint16_t http_port = 0;             ///< The one that was found, when any was asked for.
    std::string system_account;              ///< Empty: there is none.
    std::uint64_t pinned_account_fails = 0;  ///< Users of accounts that may not log in.
    bool auth_required = false;
    WallTime certificate_not_after;  ///< Unset without TLS.
    WallTime start;
    WallTime config_load_time;
    config::Options const* options = nullptr;  ///< In force; lasts as long as the call's answer.
};

/// A subscription of a connection, open or closed.
struct SubscriptionFacts {
    std::string account;
    std::string subject;
    std::string queue_group;
    std::string sid;
    std::uint64_t msgs = 0;  ///< Delivered so far.
    std::uint64_t max = 0;   ///< After which it ends; 0: never.
    std::uint64_t cid = 0;
};

/// A connection as it is now, or as it was when it closed.
struct ConnectionFacts {
    observe::ConnectionIdentityPtr identity;  ///< Always there.
    std::uint64_t in_msgs = 0;                ///< From the client.
    std::uint64_t in_bytes = 0;
    std::uint64_t out_msgs = 0;
    std::uint64_t out_bytes = 0;
    std::uint64_t pending_bytes = 0;
    std::uint64_t subscriptions = 0;
    std::uint64_t stalls = 0;
    WallTime last_activity;
    Duration rtt{0};  ///< 0: not known.
    auth::TokenFacts token;
    std::string proxy_key;  ///< Empty: it came through none.

    WallTime stop;  ///< Unset while it is open.
    std::string reason;
    /// What a closed connection had subscribed to; null: nothing.
    std::shared_ptr<std::vector<connection::ClosedConnection::Filter> const> had;

    bool is_closed() const { return stop.is_set(); }
};

/// A connection to another server of the cluster.
struct RouteFacts {
    std::uint64_t rid = 0;
    std::string remote_id;
    std::string remote_name;
    bool dialled = false;
    bool configured = false;
    std::string ip;
    std::uint16_t port = 0;
    WallTime start;
    WallTime last_activity;
    Duration rtt{0};  ///< 0: not known.
    std::optional<permission::SubjectRules> imports;
    std::optional<permission::SubjectRules> exports;
    std::uint64_t pending_bytes = 0;
    std::uint64_t in_msgs = 0;
    std::uint64_t in_bytes = 0;
    std::uint64_t out_msgs = 0;
    std::uint64_t out_bytes = 0;
    std::uint64_t subscriptions = 0;
    std::string account;  ///< That it is for alone; empty: for several.
    std::string compression;
};

/// The cluster that a server is of.
struct ClusterFacts {
    std::string name;  ///< Empty: there is none.
    std::string host;  ///< Where other servers connect.
    std::uint16_t port = 0;
    WallTime certificate_not_after;
    std::uint64_t remotes = 0;  ///< Other servers.
    std::uint64_t routes = 0;   ///< Connections to them.
    std::uint64_t in_msgs = 0;  ///< Over those.
    std::uint64_t in_bytes = 0;
    std::uint64_t out_msgs = 0;
    std::uint64_t out_bytes = 0;
};

/// What an account's interest index has done, or those of all accounts together.
struct InterestFacts {
    std::uint64_t subscriptions = 0;
    std::uint64_t cached = 0;  ///< Entries of the match cache.
    std::uint64_t inserts = 0;
    std::uint64_t removes = 0;
    std::uint64_t matches = 0;
    std::uint64_t cache_hits = 0;  ///< Of the matches.
};

/// An account, and what its connections did.
struct AccountFacts {
    event::AccountStat stat;
    bool is_system = false;
    WallTime updated;                                 ///< When it became what it is.
    config::AccountOptions const* options = nullptr;  ///< As long as the call's answer lasts.
    /// What its JWT says; null: the configuration tells of it.
    std::shared_ptr<claims::AccountClaims const> claims;
};

/// A request of another account that may still be answered.
struct ResponseFacts {
    std::string name;   ///< What the service answers on.
    std::string reply;  ///< What the asker waits on, in its own account.
    std::string asker;
    bool shares = false;
};

/// What crosses the wall of an account just now.
struct SharingFacts {
    std::vector<bool> in_force;  ///< Of each of its imports, in the order of its options.
    std::vector<ResponseFacts> responses;
};

/// What the server said and answered as a client of its own.
struct SystemFacts {
    std::uint64_t events = 0;
    std::uint64_t requests = 0;
    std::uint64_t refused = 0;  ///< Of the requests, for they came too fast.
};

/// What is true of the process at the moment of a document.
struct ProcessFacts {
    WallTime now;
    world::World::Usage usage;
    double cpu_percent = 0;
};

/// How many recipients the cached subjects have, a queue group counting as one.
struct FanoutFacts {
    std::uint64_t max = 0;
    double average = 0;
};

/// What the monitoring documents tell, as the server that is monitored sees it. Asked on the
/// engine's thread; nothing here takes longer than a walk over what it visits.
class MonitorSource {
public:
    /// Its streams; null: it keeps none.
    virtual jetstream::JetStream const* streams() const = 0;

    using VisitAccount = std::function<void(AccountFacts const&)>;
    using VisitConnection = std::function<void(ConnectionFacts const&)>;
    /// Answers whether to go on.
    using VisitSubscription = std::function<bool(SubscriptionFacts const&)>;

    virtual ~MonitorSource() = default;

    virtual ServerFacts server() const = 0;
    virtual observe::ServerCounters const& counters() const = 0;
    virtual HttpStats& http_stats() = 0;
    virtual ProcessFacts process() = 0;
    virtual SystemFacts system() const = 0;

    /// Why connections cannot be taken, such as `server`, the listener that is not there yet; empty
    /// when they can.
    virtual std::string not_ready() const = 0;

    // Of a server that is of no cluster, unless it says otherwise.
    using VisitRoute = std::function<void(RouteFacts const&)>;
    virtual ClusterFacts cluster() const { return {}; }
    /// By number.
    virtual void visit_routes(VisitRoute const&) const {}
    /// What the other server listens on, over that connection.
    virtual void visit_route_subscriptions(std::uint64_t, VisitSubscription const&) const {}

    // Likewise of one without leaf nodes and hubs.
    using VisitLeaf = std::function<void(LeafFacts const&)>;
    virtual LeafSideFacts leaf_side() const { return {}; }
    /// By number.
    virtual void visit_leafs(VisitLeaf const&) const {}
    /// What the other side listens on.
    virtual void visit_leaf_subscriptions(std::uint64_t, VisitSubscription const&) const {}

    // Likewise of one without gateways.
    using VisitGateway = std::function<void(GatewayFacts const&)>;
    virtual GatewaySideFacts gateway_side() const { return {}; }
    /// By number.
    virtual void visit_gateways(VisitGateway const&) const {}

    virtual void visit_accounts(VisitAccount const& visit) const = 0;
    /// There is none of that name: nothing.
    virtual std::optional<AccountFacts> find_account(std::string_view name) const = 0;

    virtual void visit_open(VisitConnection const& visit) const = 0;
    /// Oldest first.
    virtual void visit_closed(VisitConnection const& visit) const = 0;

    virtual SharingFacts sharing(std::string_view account) const = 0;

    /// Of an open connection; empty when there is none of that number.
    virtual std::vector<SubscriptionFacts> subscriptions_of(std::uint64_t cid) const = 0;

    /// Of all accounts when `account` is empty, in an order that holds while nothing changes.
    virtual void visit_subscriptions(std::string_view account,
                                     VisitSubscription const& visit) const = 0;
    virtual InterestFacts interest(std::string_view account) const = 0;
    /// Takes a walk over the match cache.
    virtual FanoutFacts fanout(std::string_view account) const = 0;

    /// Sends a PING to learn the round-trip time, when the client is known to answer.
    virtual void measure_rtt(std::uint64_t cid) = 0;
};

}  // namespace signalbox::monitor
