#pragma once

#include "engine/message/message.h"
#include "engine/message/subscription.h"

#include <cstdint>

namespace signalbox::message {

/// What became of a run of messages at one subscription.
struct Delivery {
    std::uint32_t taken =
        0;              ///< The first so many; of a queue group, another member may have the rest.
    bool slow = false;  ///< Its owner falls behind: the publisher should hold on for a moment.
};

/// Someone who can take messages: a client's connection, and later a stream, a route, an import.
class Recipient {
public:
    virtual ~Recipient() = default;

    /// Here are messages for your subscription. Must not change any subscription before it returns.
    virtual Delivery deliver(Subscription& subscription, MessageRun const& run) = 0;

    /// The connection that it is, or 0.
    virtual std::uint64_t connection_id() const = 0;

    /// As a client calls itself.
    virtual std::string_view name() const { return {}; }

    /// Why it would take no message on `subject` now, in the words of traces; empty: it would.
    virtual std::string_view refusal(Subscription const&, subject::PublishSubject) const {
        return {};
    }

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
    /// Fills in who it is, for services that are told who asks.
    virtual void describe(event::ClientInfo& info) const = 0;
    /// A recipient is slow: hold on for a moment.
    virtual void stall() = 0;
};

}  // namespace signalbox::message
