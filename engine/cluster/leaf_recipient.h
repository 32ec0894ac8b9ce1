#pragma once

#include "engine/account/account.h"
#include "engine/cluster/message_writer.h"
#include "engine/cluster/subscription_set.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/protocol/peer_op.h"

#include <string>
#include <string_view>

namespace signalbox::cluster {

class LeafConnection;

/// What a leaf node, or the hub, wants of the account that it is attached by: stands in the account
/// as a recipient.
class LeafRecipient final : public message::Recipient {
public:
    /// `kind`: Leaf or Hub. `cluster`: the one over there.
    LeafRecipient(LeafConnection& connection, account::Account& account,
                  message::SubscriptionKind kind, std::string cluster);
    /// Its subscriptions are gone with it.
    ~LeafRecipient() override;

    LeafRecipient(LeafRecipient const&) = delete;
    LeafRecipient& operator=(LeafRecipient const&) = delete;

    std::size_t size() const { return subscriptions_.size(); }

    void add(protocol::PeerInterest const& interest);
    /// One that is not there is no error: it may have been refused.
    void remove(protocol::PeerInterest const& interest);

    template <class Visit>
    void for_each(Visit visit) const {
        subscriptions_.for_each(visit);
    }

    // message::Recipient
    message::Delivery deliver(message::Subscription& subscription,
                              message::MessageRun const& run) override;
    std::uint64_t connection_id() const override;
    std::string_view name() const override;
    void finish(message::Subscription&) override {}

private:
    LeafConnection& connection_;
    account::Account& account_;
    message::SubscriptionKind kind_;
    std::string cluster_;
    MessageWriter writer_;
    SubscriptionSet subscriptions_;
};

}  // namespace signalbox::cluster
