#include "engine/server/monitored_server.h"

namespace signalbox::server {

using cluster::GatewayConnection;
using monitor::GatewayFacts;

monitor::GatewaySideFacts MonitoredServer::gateway_side() const {
    cluster::GatewayTable const* const gateways = state_.gateways();
    if (gateways == nullptr) {
        return {};
    }
    return {.name = state_.options().gateway.name,
            .host = gateways->address().host,
            .port = gateways->address().port};
}

void MonitoredServer::visit_gateways(VisitGateway const& visit) const {
    cluster::GatewayTable const* const gateways = state_.gateways();
    if (gateways == nullptr) {
        return;
    }
    Instant const now = state_.world().clock().now();
    WallTime const wall_now = state_.world().clock().wall_now();
    gateways->for_each([&](GatewayConnection const& each) {
        if (!each.is_open()) {
            return;
        }
        cluster::PeerConnection const& peer = each.peer();
        GatewayFacts facts{.gid = each.gid(),
                           .name = each.gateway_name(),
                           .server_id = each.remote_info().server_id,
                           .outbound = each.is_outbound(),
                           .configured = gateways->is_configured(each.gateway_name()),
                           .ip = peer.remote().host,
                           .port = peer.remote().port,
                           .start = peer.started_at(),
                           .last_activity = wall_now + (peer.last_heard() - now),
                           .rtt = peer.rtt(),
                           .pending_bytes = peer.transport().pending(),
                           .in_msgs = peer.counts.in_msgs,
                           .in_bytes = peer.counts.in_bytes,
                           .out_msgs = peer.counts.out_msgs,
                           .out_bytes = peer.counts.out_bytes};
        each.for_each_recipient([&](cluster::GatewayRecipient const& recipient) {
            facts.subscriptions += recipient.plain_count() + recipient.queue_count();
            facts.accounts.push_back({.name = recipient.account().name(),
                                      .plain = recipient.plain_count(),
                                      .queues = recipient.queue_count()});
        });
        visit(facts);
    });
}

}  // namespace signalbox::server
