#include "engine/cluster/leaf_recipient.h"

#include "engine/cluster/leaf_connection.h"

#include <utility>

namespace signalbox::cluster {

using message::Subscription;

LeafRecipient::LeafRecipient(LeafConnection& connection, account::Account& account,
                             message::SubscriptionKind kind, std::string cluster)
    : connection_(connection),
      account_(account),
      kind_(kind),
      cluster_(std::move(cluster)),
      writer_(connection.peer(), {}) {}

LeafRecipient::~LeafRecipient() {
    for (Subscription* const subscription : subscriptions_.all()) {
        connection_.dispatcher().unsubscribe(account_, *subscription);
    }
}

void LeafRecipient::add(protocol::PeerInterest const& interest) {
    SubscriptionSet::Key const key{interest.filter, interest.queue};
    if (Subscription* const known = subscriptions_.find(key, SubscriptionSet::kAny)) {
        account_.reweigh(*known, interest.weight);
        return;
    }
    Subscription& kept = connection_.dispatcher().subscribe(
        account_, {.recipient = this,
                   .kind = kind_,
                   .filter = std::string(interest.filter),
                   .queue = std::string(interest.queue),
                   .sid = cluster_,
                   .weight = interest.queue.empty() ? 1 : interest.weight});
    subscriptions_.insert(key, kept);
}

void LeafRecipient::remove(protocol::PeerInterest const& interest) {
    if (Subscription* const gone =
            subscriptions_.take({interest.filter, interest.queue}, SubscriptionSet::kAny)) {
        connection_.dispatcher().unsubscribe(account_, *gone);
    }
}

message::Delivery LeafRecipient::deliver(Subscription&, message::MessageRun const& run) {
    if (!connection_.is_open() || !connection_.rules().sends(run.matched().text())) {
        return {};
    }
    return writer_.write(run, {.headers = connection_.understands_headers(), .origins = false});
}

std::uint64_t LeafRecipient::connection_id() const {
    return connection_.cid();
}

std::string_view LeafRecipient::name() const {
    return connection_.remote_name();
}

}  // namespace signalbox::cluster
