#pragma once

#include "engine/account/account.h"
#include "engine/cluster/message_writer.h"
#include "engine/cluster/subscription_set.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/protocol/peer_op.h"

#include <functional>
#include <string_view>

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
        subscriptions_.for_each(visit);
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
    RouteConnection& connection_;
    dispatch::Dispatcher& dispatcher_;
    account::Account& account_;
    MessageWriter writer_;
    SubscriptionSet subscriptions_;
};

}  // namespace signalbox::cluster
