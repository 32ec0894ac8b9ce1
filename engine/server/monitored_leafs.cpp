#include "engine/server/monitored_server.h"

namespace signalbox::server {
namespace {

using cluster::LeafConnection;
using monitor::LeafFacts;

LeafFacts facts_of(LeafConnection const& leaf) {
    cluster::PeerConnection const& peer = leaf.peer();
    return {.cid = leaf.cid(),
            .name = leaf.remote_name(),
            .is_spoke = leaf.is_spoke(),
            .is_isolated = leaf.is_isolated(),
            .account = leaf.account()->name(),
            .ip = peer.remote().host,
            .port = peer.remote().port,
            .rtt = peer.rtt(),
            .in_msgs = peer.counts.in_msgs,
            .in_bytes = peer.counts.in_bytes,
            .out_msgs = peer.counts.out_msgs,
            .out_bytes = peer.counts.out_bytes,
            .subscriptions = leaf.recipient()->size(),
            .compression = std::string(leaf.compression()),
            .proxy_key = leaf.identity().proxy_key};
}

}  // namespace

monitor::LeafSideFacts MonitoredServer::leaf_side() const {
    cluster::LeafTable const* const leafs = state_.leafs();
    monitor::LeafSideFacts facts;
    if (leafs == nullptr) {
        return facts;
    }
    facts.host = leafs->address().host;
    facts.port = leafs->address().port;
    leafs->for_each([&](LeafConnection const& leaf) {
        facts.count += leaf.is_open() ? 1 : 0;
        facts.in_msgs += leaf.peer().counts.in_msgs;
        facts.in_bytes += leaf.peer().counts.in_bytes;
        facts.out_msgs += leaf.peer().counts.out_msgs;
        facts.out_bytes += leaf.peer().counts.out_bytes;
    });
    return facts;
}

void MonitoredServer::visit_leafs(VisitLeaf const& visit) const {
    if (cluster::LeafTable const* const leafs = state_.leafs()) {
        leafs->for_each([&](LeafConnection const& leaf) {
            if (leaf.is_open()) {
                visit(facts_of(leaf));
            }
        });
    }
}

void MonitoredServer::visit_leaf_subscriptions(std::uint64_t cid,
                                               VisitSubscription const& visit) const {
    cluster::LeafTable const* const leafs = state_.leafs();
    if (leafs == nullptr) {
        return;
    }
    leafs->for_each([&](LeafConnection const& leaf) {
        if (leaf.cid() != cid || !leaf.is_open()) {
            return;
        }
        leaf.recipient()->for_each([&](message::Subscription const& subscription) {
            visit({.account = leaf.account()->name(),
                   .subject = subscription.filter,
                   .queue_group = subscription.queue,
                   .sid = {},
                   .msgs = subscription.delivered,
                   .cid = cid});
        });
    });
}

}  // namespace signalbox::server
