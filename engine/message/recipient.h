#pragma once

#include "engine/message/message.h"
#include "engine/message/subscription.h"

#include <cstdint>

namespace signalbox::message {

enum class Delivery {
    Taken,
    TakenBySlow,  ///< Taken, but its owner falls behind: the publisher should hold on for a moment.
    Refused,      ///< Its owner takes nothing now: another member of its queue group may.
};

/// Someone who can take messages: a client's connection, and later a stream, a route, an import.
class Recipient {
public:
    virtual ~Recipient() = default;

    /// Here is a message for your subscription. Must not change any subscription before it returns.
    virtual Delivery deliver(Subscription& subscription, MessageView const& message) = 0;

    /// The connection that it is, or 0.
    virtual std::uint64_t connection_id() const = 0;

    /// The subscription has had its last delivery and is to be removed now.
    virtual void finish(Subscription& subscription) = 0;
};

/// Who publishes, as far as dispatching has to know.
class Publisher {
public:
    virtual ~Publisher() = default;

    /// The one whose subscriptions get nothing of it, for it asked for no echo; null: all may.
    virtual Recipient const* without_echo() const = 0;
    virtual std::uint64_t connection_id() const = 0;
    /// A recipient is slow: hold on for a moment.
    virtual void stall() = 0;
};

}  // namespace signalbox::message
