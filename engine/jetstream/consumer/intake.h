#pragma once

#include "engine/jetstream/consumer/consumer_service.h"
#include "engine/jetstream/stream/consumer_part.h"
#include "engine/message/recipient.h"
#include "engine/subject/interest_index.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::jetstream {

/// A pull request, or an answer to flow control, as it came.
struct ReceivedRequest {
    enum class Kind : std::uint8_t {
        Pull,
        FlowAnswer,
    };
    Kind kind = Kind::Pull;
    std::string consumer;
    std::string reply;  ///< Of an answer: the subject it came on.
    std::string headers;
    std::string payload;
};

/// What came for the consumers of one stream while messages were handed out.
class IntakeUser {
public:
    virtual ~IntakeUser() = default;

    /// Looks it up by name; null: there is none.
    virtual Consumer* find_consumer(std::string_view name) = 0;
    /// Something came: `take` is to be called soon.
    virtual void arrived() = 0;
};

/// Listens for acks, pull requests and answers to flow control, and keeps them until they can be
/// dealt with: nothing may be published while a message is handed out.
class Intake final : public message::Recipient {
public:
    Intake(ConsumerHost& host, IntakeUser& user) : host_(host), user_(user) {}
    ~Intake() override { close(); }

    Intake(Intake const&) = delete;
    Intake& operator=(Intake const&) = delete;

    /// For acks and answers of all consumers.
    void open();
    void close();
    /// For the pull requests of one.
    subject::SubscriptionId listen(std::string_view consumer);
    void forget(subject::SubscriptionId id);

    /// Acks belong to the consumer by its id.
    struct Taken {
        std::vector<std::pair<std::uint64_t, ReceivedAck>> acks;
        std::vector<ReceivedRequest> requests;
    };
    /// All that came. Acks come first: they make room for what is pulled.
    Taken take() { return std::exchange(taken_, {}); }

    // message::Recipient
    message::Delivery deliver(message::Subscription& subscription,
                              message::MessageRun const& run) override;
    std::uint64_t connection_id() const override { return 0; }
    void finish(message::Subscription&) override {}

private:
    subject::SubscriptionId subscribe(std::string filter);
    void take_ack(DeliveryName const& name, Consumer const& consumer,
                  message::MessageView const& message);
    void take_pull(std::string_view subject, message::MessageView const& message);

    ConsumerHost& host_;
    IntakeUser& user_;
    std::vector<subject::SubscriptionId> subscriptions_;
    Taken taken_;
};

}  // namespace signalbox::jetstream
