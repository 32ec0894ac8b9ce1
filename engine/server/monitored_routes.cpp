#include "engine/server/monitored_server.h"

namespace signalbox::server {
namespace {

using cluster::RouteConnection;
using monitor::RouteFacts;

RouteFacts facts_of(RouteConnection const& route, Instant now, WallTime wall_now) {
    cluster::PeerConnection const& peer = route.peer();
    return {.rid = route.rid(),
            .remote_id = route.remote_info().server_id,
            .remote_name = route.remote_info().server_name,
            .dialled = route.origin().dialled,
            .configured = route.origin().configured,
            .ip = peer.remote().host,
            .port = peer.remote().port,
            .start = peer.started_at(),
            .last_activity = wall_now + (peer.last_heard() - now),
            .rtt = peer.rtt(),
            .imports = route.remote_info().imports,
            .exports = route.remote_info().exports,
            .pending_bytes = peer.transport().pending(),
            .in_msgs = peer.counts.in_msgs,
            .in_bytes = peer.counts.in_bytes,
            .out_msgs = peer.counts.out_msgs,
            .out_bytes = peer.counts.out_bytes,
            .subscriptions = route.subscription_count(),
            .account = route.account(),
            .compression = std::string(route.compression())};
}

}  // namespace

monitor::ClusterFacts MonitoredServer::cluster() const {
    cluster::RouteTable const* const routes = state_.routes();
    if (routes == nullptr) {
        return {};
    }
    monitor::ClusterFacts facts{.name = routes->cluster_name(),
                                .host = routes->address().host,
                                .port = routes->address().port,
                                .remotes = routes->servers().size()};
    for (auto const& [rid, route] : routes->connections()) {
        cluster::PeerConnection::Counts const& counts = route->peer().counts;
        facts.routes += route->is_open() ? 1 : 0;
        facts.in_msgs += counts.in_msgs;
        facts.in_bytes += counts.in_bytes;
        facts.out_msgs += counts.out_msgs;
        facts.out_bytes += counts.out_bytes;
    }
    return facts;
}

void MonitoredServer::visit_routes(VisitRoute const& visit) const {
    cluster::RouteTable const* const routes = state_.routes();
    if (routes == nullptr) {
        return;
    }
    world::Clock& clock = state_.world().clock();
    for (auto const& [rid, route] : routes->connections()) {
        if (route->is_open()) {
            visit(facts_of(*route, clock.now(), clock.wall_now()));
        }
    }
}

void MonitoredServer::visit_route_subscriptions(std::uint64_t rid,
                                                VisitSubscription const& visit) const {
    auto const& routes = state_.routes()->connections();
    auto const found = routes.find(rid);
    if (found == routes.end()) {
        return;
    }
    found->second->for_each_recipient([&](cluster::RouteRecipient const& recipient) {
        recipient.for_each([&](message::Subscription const& subscription) {
            visit({.account = recipient.account().name(),
                   .subject = subscription.filter,
                   .queue_group = subscription.queue,
                   .sid = {},
                   .msgs = subscription.delivered,
                   .max = 0,
                   .cid = rid});
        });
    });
}

}  // namespace signalbox::server
