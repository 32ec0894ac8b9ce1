#pragma once

#include "engine/dispatch/dispatcher.h"
#include "engine/message/recipient.h"
#include "engine/world/turn.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::dispatch {

/// A message of the server's own, to be published. `headers` is a whole block with its version
/// line, or empty.
struct OutgoingMessage {
    std::string subject;
    std::string reply;
    std::string headers;
    std::string payload;
};

/// A message that came for a subscription of the server's own.
struct ReceivedMessage {
    subject::SubscriptionId subscription;
    std::uint64_t connection = 0;  ///< Who published it; 0: the server itself.
    std::string subject;
    std::string reply;
    std::string headers;
    std::string payload;
};

/// The server itself as a client of one of its accounts: services of the system account, questions
/// to others, measurements.
///
/// Nothing it is told or told to do happens within the call: messages are handed to callbacks, and
/// published, at the next turn. So callbacks may subscribe and publish, and it may be called while
/// a message is being handed out.
class InternalClient final : public message::Recipient, public message::Publisher {
public:
    using OnMessage = std::function<void(ReceivedMessage const&)>;
    /// How many got it: 0 where nobody listens.
    using OnPublished = std::function<void(std::uint64_t deliveries)>;

    /// All outlive it.
    InternalClient(world::Turn& turn, Dispatcher& dispatcher, account::Account& account);
    ~InternalClient() override;

    InternalClient(InternalClient const&) = delete;
    InternalClient& operator=(InternalClient const&) = delete;

    account::Account& account() const { return account_; }

    /// `queue` empty: all messages of `filter`, which is valid. Not while a message is handed out:
    /// call it from a callback, a timer or at start.
    subject::SubscriptionId subscribe(std::string_view filter, std::string_view queue,
                                      OnMessage on_message);

    /// Its callback is called no more. Likewise.
    void unsubscribe(subject::SubscriptionId id);

    /// `subject` is one that may be published on. `done` is called once, later.
    void publish(OutgoingMessage message, OnPublished done = {});

    std::size_t subscription_count() const { return callbacks_.size(); }

    // message::Recipient
    message::Delivery deliver(message::Subscription& subscription,
                              message::MessageRun const& run) override;
    std::uint64_t connection_id() const override { return 0; }
    void finish(message::Subscription& subscription) override;

    // message::Publisher
    message::Recipient const* without_echo() const override { return nullptr; }
    void describe(event::ClientInfo& info) const override;
    void stall() override {}

private:
    void hand_over();
    void send(OutgoingMessage const& message, OnPublished const& done);

    world::Turn& turn_;
    Dispatcher& dispatcher_;
    account::Account& account_;
    std::map<subject::SubscriptionId, std::shared_ptr<OnMessage const>> callbacks_;
    std::vector<ReceivedMessage> received_;  ///< For the next turn.
    std::uint64_t next_sid_ = 1;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< For what is deferred.
};

}  // namespace signalbox::dispatch
