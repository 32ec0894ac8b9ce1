#pragma once

#include "engine/account/account.h"
#include "engine/base/hash.h"
#include "engine/cluster/message_writer.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/protocol/peer_op.h"

#include <string>
#include <string_view>
#include <unordered_set>

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
        for (message::Subscription const* const subscription : subscriptions_) {
            visit(*subscription);
        }
    }

    // message::Recipient
    message::Delivery deliver(message::Subscription& subscription,
                              message::MessageRun const& run) override;
    std::uint64_t connection_id() const override;
    std::string_view name() const override;
    void finish(message::Subscription&) override {}

private:
    struct Key {
        std::string_view filter;
        std::string_view queue;
    };
    static Key key_of(message::Subscription const* of) { return {of->filter, of->queue}; }
    static Key key_of(Key const& key) { return key; }
    struct Hash {
        using is_transparent = void;
        template <class T>
        std::size_t operator()(T const& of) const {
            Key const key = key_of(of);
            return base::hash_of(key.queue, base::hash_of(key.filter, 0));
        }
    };
    struct Equal {
        using is_transparent = void;
        template <class A, class B>
        bool operator()(A const& a, B const& b) const {
            Key const x = key_of(a);
            Key const y = key_of(b);
            return x.filter == y.filter && x.queue == y.queue;
        }
    };

    LeafConnection& connection_;
    account::Account& account_;
    message::SubscriptionKind kind_;
    std::string cluster_;
    MessageWriter writer_;
    std::unordered_set<message::Subscription*, Hash, Equal> subscriptions_;
};

}  // namespace signalbox::cluster
