#include "engine/cluster/route_recipient.h"

#include "engine/cluster/route_connection.h"

namespace signalbox::cluster {

using message::Subscription;
using message::SubscriptionKind;

RouteRecipient::RouteRecipient(RouteConnection& connection, dispatch::Dispatcher& dispatcher,
                               account::Account& account)
    : connection_(connection),
      dispatcher_(dispatcher),
      account_(account),
      writer_(connection.peer(), account.name()) {}

RouteRecipient::~RouteRecipient() {
    for (Subscription* const subscription : subscriptions_) {
        dispatcher_.unsubscribe(account_, *subscription);
    }
}

void RouteRecipient::add(protocol::PeerInterest const& interest) {
    auto const [first, last] =
        subscriptions_.equal_range(Key{interest.by_leaf, interest.filter, interest.queue});
    for (auto at = first; at != last; ++at) {
        if ((*at)->sid == interest.origin) {
            account_.reweigh(**at, interest.weight);
            return;
        }
    }
    Subscription& kept = dispatcher_.subscribe(account_, {.recipient = this,
                                                          .kind = SubscriptionKind::Routed,
                                                          .filter = std::string(interest.filter),
                                                          .queue = std::string(interest.queue),
                                                          .sid = std::string(interest.origin),
                                                          .weight = interest.weight});
    subscriptions_.insert(&kept);
}

void RouteRecipient::remove(protocol::PeerInterest const& interest) {
    auto const [first, last] =
        subscriptions_.equal_range(Key{interest.by_leaf, interest.filter, interest.queue});
    for (auto at = first; at != last; ++at) {
        if (interest.origin.empty() || (*at)->sid == interest.origin) {
            Subscription& subscription = **at;
            subscriptions_.erase(at);
            dispatcher_.unsubscribe(account_, subscription);
            return;
        }
    }
}

void RouteRecipient::keep_only(std::function<bool(Subscription const&)> const& stays) {
    for (auto at = subscriptions_.begin(); at != subscriptions_.end();) {
        Subscription& subscription = **at;
        if (stays(subscription)) {
            ++at;
            continue;
        }
        at = subscriptions_.erase(at);
        dispatcher_.unsubscribe(account_, subscription);
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
