#pragma once

#include "engine/account/account.h"
#include "engine/base/hash.h"
#include "engine/cluster/message_writer.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/protocol/peer_op.h"

#include <functional>
#include <string_view>
#include <unordered_set>

namespace signalbox::cluster {

class RouteConnection;

/// What another server wants of one account, over one connection: stands in the account as a
/// recipient.
class RouteRecipient final : public message::Recipient {
public:
    /// Lines name the account unless the connection is its own.
    RouteRecipient(RouteConnection& connection, dispatch::Dispatcher& dispatcher,
                   account::Account& account);
    /// Its subscriptions are gone with it.
    ~RouteRecipient() override;

    RouteRecipient(RouteRecipient const&) = delete;
    RouteRecipient& operator=(RouteRecipient const&) = delete;

    account::Account& account() const { return account_; }
    std::size_t size() const { return subscriptions_.size(); }

    void add(protocol::PeerInterest const& interest);
    /// One that is not there is no error: it may have been refused.
    void remove(protocol::PeerInterest const& interest);

    /// The others are as if they had been removed.
    void keep_only(std::function<bool(message::Subscription const&)> const& stays);

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
    /// Why it can tell no trace.
    std::string_view refusal(message::Subscription const& subscription,
                             subject::PublishSubject subject) const override;
    void finish(message::Subscription&) override {}

private:
    /// By what a removal says: of leaf nodes before 2.10.23 it does not name their cluster.
    struct Key {
        bool by_leaf;
        std::string_view filter;
        std::string_view queue;
    };
    static Key key_of(message::Subscription const* of) {
        return {!of->sid.empty(), of->filter, of->queue};
    }
    static Key key_of(Key const& key) { return key; }
    struct Hash {
        using is_transparent = void;
        template <class T>
        std::size_t operator()(T const& of) const {
            Key const key = key_of(of);
            return base::hash_of(key.queue, base::hash_of(key.filter, key.by_leaf ? 1 : 0));
        }
    };
    struct Equal {
        using is_transparent = void;
        template <class A, class B>
        bool operator()(A const& a, B const& b) const {
            Key const x = key_of(a);
            Key const y = key_of(b);
            return x.by_leaf == y.by_leaf && x.filter == y.filter && x.queue == y.queue;
        }
    };

    RouteConnection& connection_;
    dispatch::Dispatcher& dispatcher_;
    account::Account& account_;
    MessageWriter writer_;
    std::unordered_multiset<message::Subscription*, Hash, Equal> subscriptions_;
};

}  // namespace signalbox::cluster
