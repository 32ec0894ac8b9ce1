#pragma once

#include "engine/dispatch/dispatcher.h"
#include "engine/message/recipient.h"

#include <cstdint>

namespace signalbox::dispatch {

/// Through so many accounts a message may go on; imports that lead further are not followed.
inline constexpr unsigned kMostHops = 16;

/// A way by which messages leave an account: it stands there as a recipient, and what it takes is
/// published in another account once the account's own recipients have it. So no account's
/// recipients are looked up while another's are walked through.
class Crossing : public message::Recipient {
public:
    explicit Crossing(Dispatcher& dispatcher) : dispatcher_(dispatcher) {}

    /// Takes the run over the wall. Answers to how many it was delivered there.
    virtual std::uint64_t cross(message::MessageRun const& run, message::Publisher& publisher) = 0;

    // message::Recipient
    message::Delivery deliver(message::Subscription&, message::MessageRun const&) final {
        dispatcher_.stage(*this);
        return {};
    }
    std::uint64_t connection_id() const final { return 0; }
    void finish(message::Subscription&) final {}

protected:
    Dispatcher& dispatcher() { return dispatcher_; }

    /// How far a run has come that goes on now; nothing: too far.
    static std::optional<unsigned> next_hop(message::MessageRun const& run) {
        unsigned const hops = run.passage == nullptr ? 1 : run.passage->hops + 1;
        return hops > kMostHops ? std::nullopt : std::optional(hops);
    }

private:
    Dispatcher& dispatcher_;
};

}  // namespace signalbox::dispatch
