#pragma once

#include "engine/account/account_directory.h"
#include "engine/auth/operator_mode.h"
#include "engine/cluster/gateway_table.h"
#include "engine/cluster/leaf_table.h"
#include "engine/cluster/route_table.h"
#include "engine/connection/connection_table.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/dispatch/sharing.h"
#include "engine/monitor/cpu_meter.h"
#include "engine/monitor/monitor_source.h"
#include "engine/observe/observation.h"
#include "engine/server/server_identity.h"
#include "engine/world/world.h"

#include <string>
#include <vector>

namespace signalbox::server {

/// What monitoring needs to see of a server.
class ServerState {
public:
    virtual ~ServerState() = default;

    virtual World& world() const = 0;
    virtual world::Entropy& world_entropy() const = 0;
    virtual ServerIdentity const& identity() const = 0;
    virtual config::Options const& options() const = 0;
    virtual observe::Observation const& observation() const = 0;
    virtual account::AccountDirectory& accounts() const = 0;
    virtual dispatch::Dispatcher const& dispatcher() const = 0;
    virtual dispatch::Sharing const& sharing() const = 0;
    /// Null: users stand in the configuration.
    virtual auth::OperatorMode* operators() const = 0;
    virtual connection::ConnectionTable& connections() const = 0;
    virtual world::Address const& client_address() const = 0;
    virtual world::Address const& monitoring_address() const = 0;
    /// Of the certificates for clients; unset without TLS.
    virtual WallTime certificate_not_after() const = 0;
    virtual WallTime started_at() const = 0;
    virtual WallTime configured_at() const = 0;
    virtual bool ready() const = 0;
    virtual monitor::SystemFacts system_facts() const = 0;
    /// Null: it is of no cluster.
    virtual cluster::RouteTable const* routes() const = 0;
    /// A client or a leaf node; false: there is none of that number.
    virtual bool disconnect(std::uint64_t cid) const = 0;
    /// Null: it has no gateways.
    virtual cluster::GatewayTable const* gateways() const = 0;
    /// Null: it has neither leaf nodes nor hubs.
    virtual cluster::LeafTable const* leafs() const = 0;
    virtual std::vector<std::string> const& connect_urls() const = 0;
    /// Null: there are none.
    virtual jetstream::JetStream const* streams() const = 0;
};

/// Answers the questions of the monitoring documents from a server's rooms.
class MonitoredServer : public monitor::MonitorSource {
public:
    explicit MonitoredServer(ServerState const& state) : state_(state) {}

    monitor::ServerFacts server() const override;
    observe::ServerCounters const& counters() const override;
    monitor::HttpStats& http_stats() override { return http_stats_; }
    monitor::ProcessFacts process() override;
    monitor::SystemFacts system() const override { return state_.system_facts(); }
    jetstream::JetStream const* streams() const override { return state_.streams(); }
    std::string not_ready() const override;
    monitor::ClusterFacts cluster() const override;
    void visit_routes(VisitRoute const& visit) const override;
    void visit_route_subscriptions(std::uint64_t rid,
                                   VisitSubscription const& visit) const override;
    monitor::LeafSideFacts leaf_side() const override;
    void visit_leafs(VisitLeaf const& visit) const override;
    void visit_leaf_subscriptions(std::uint64_t cid, VisitSubscription const& visit) const override;
    monitor::GatewaySideFacts gateway_side() const override;
    void visit_gateways(VisitGateway const& visit) const override;
    void visit_accounts(VisitAccount const& visit) const override;
    std::optional<monitor::AccountFacts> find_account(std::string_view name) const override;
    monitor::SharingFacts sharing(std::string_view account) const override;
    void visit_open(VisitConnection const& visit) const override;
    void visit_closed(VisitConnection const& visit) const override;
    std::vector<monitor::SubscriptionFacts> subscriptions_of(std::uint64_t cid) const override;
    void visit_subscriptions(std::string_view account,
                             VisitSubscription const& visit) const override;
    monitor::InterestFacts interest(std::string_view account) const override;
    monitor::FanoutFacts fanout(std::string_view account) const override;
    void measure_rtt(std::uint64_t cid) override;

private:
    monitor::AccountFacts account_facts(account::Account const& account) const;

    ServerState const& state_;
    monitor::HttpStats http_stats_;
    monitor::CpuMeter cpu_;
};

}  // namespace signalbox::server
