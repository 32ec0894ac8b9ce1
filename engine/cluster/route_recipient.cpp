#include "engine/cluster/route_recipient.h"

#include "engine/cluster/route_connection.h"

namespace signalbox::cluster {

using message::Subscription;
using message::SubscriptionKind;

namespace {

SubscriptionSet::Key key_of(protocol::PeerInterest const& interest) {
    return {.filter = interest.filter, .queue = interest.queue, .by_leaf = interest.by_leaf};
}

}  // namespace

RouteRecipient::RouteRecipient(RouteConnection& connection, dispatch::Dispatcher& dispatcher,
                               account::Account& account)
    : connection_(connection),
      dispatcher_(dispatcher),
      account_(account),
      writer_(connection.peer(), account.name()) {}

RouteRecipient::~RouteRecipient() {
    for (Subscription* const subscription : subscriptions_.all()) {
        dispatcher_.unsubscribe(account_, *subscription);
    }
}

void RouteRecipient::add(protocol::PeerInterest const& interest) {
    Subscription* const known = subscriptions_.find(
        key_of(interest), [&](Subscription const& of) { return of.sid == interest.origin; });
    if (known != nullptr) {
        account_.reweigh(*known, interest.weight);
        return;
    }
    Subscription& kept = dispatcher_.subscribe(account_, {.recipient = this,
                                                          .kind = SubscriptionKind::Routed,
                                                          .filter = std::string(interest.filter),
                                                          .queue = std::string(interest.queue),
                                                          .sid = std::string(interest.origin),
                                                          .weight = interest.weight});
    subscriptions_.insert(key_of(interest), kept);
}

/// Of leaf nodes before 2.10.23 a removal does not name the cluster.
void RouteRecipient::remove(protocol::PeerInterest const& interest) {
    Subscription* const gone = subscriptions_.take(key_of(interest), [&](Subscription const& of) {
        return of.sid.empty() != interest.by_leaf &&
               (interest.origin.empty() || of.sid == interest.origin);
    });
    if (gone != nullptr) {
        dispatcher_.unsubscribe(account_, *gone);
    }
}

void RouteRecipient::keep_only(std::function<bool(Subscription const&)> const& stays) {
    for (Subscription* const subscription : subscriptions_.all()) {
        if (!stays(*subscription)) {
            remove({.by_leaf = !subscription->sid.empty(),
                    .origin = subscription->sid,
                    .account = {},
                    .filter = subscription->filter,
                    .queue = subscription->queue});
        }
    }
}

message::Delivery RouteRecipient::deliver(Subscription&, message::MessageRun const& run) {
    if (!connection_.is_open() ||
        !connection_.permissions().exports_message(run.matched().text())) {
        return {};
    }
    return writer_.write(run, {.headers = connection_.understands_headers(),
                               .origins = connection_.understands_origins()});
}

std::string_view RouteRecipient::refusal(Subscription const&, subject::PublishSubject) const {
    return connection_.remote_info().protocol >= kPeerProtocol
               ? std::string_view()
               : "Not delivered because remote does not support message tracing";
}

std::uint64_t RouteRecipient::connection_id() const {
    return connection_.rid();
}

std::string_view RouteRecipient::name() const {
    return connection_.remote_info().server_name;
}

}  // namespace signalbox::cluster
