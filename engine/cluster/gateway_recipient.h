#pragma once

#include "engine/account/account.h"
#include "engine/cluster/message_writer.h"
#include "engine/cluster/subscription_set.h"
#include "engine/dispatch/dispatcher.h"

#include <string_view>

namespace signalbox::cluster {

class GatewayConnection;

/// What another cluster wants of one account: stands in the account as a recipient.
class GatewayRecipient final : public message::Recipient {
public:
    GatewayRecipient(GatewayConnection& connection, account::Account& account);
    /// Its subscriptions are gone with it.
    ~GatewayRecipient() override;

    GatewayRecipient(GatewayRecipient const&) = delete;
    GatewayRecipient& operator=(GatewayRecipient const&) = delete;

    account::Account const& account() const { return account_; }
    std::size_t plain_count() const { return subscriptions_.size() - queue_count_; }
    std::size_t queue_count() const { return queue_count_; }

    void add(std::string_view filter, std::string_view queue);
    /// One that is not there is no error.
    void remove(std::string_view filter, std::string_view queue);

    /// An answer, on the subject that leads to who asked; whoever else listens there does not
    /// matter.
    message::Delivery answer(std::string_view subject, message::MessageRun const& run);

    // message::Recipient
    message::Delivery deliver(message::Subscription& subscription,
                              message::MessageRun const& run) override;
    std::uint64_t connection_id() const override;
    std::string_view name() const override;
    void finish(message::Subscription&) override {}

private:
    message::Delivery write_with_replies(message::MessageRun const& run);

    GatewayConnection& connection_;
    account::Account& account_;
    MessageWriter writer_;
    SubscriptionSet subscriptions_;
    std::size_t queue_count_ = 0;
};

}  // namespace signalbox::cluster
