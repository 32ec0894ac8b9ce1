#include "engine/dispatch/dispatcher.h"
#include "engine/dispatch/message_trace.h"

namespace signalbox::dispatch {
namespace {

// What traces say of a message that was not handed over.
constexpr std::string_view kNoEcho = "Not delivered because of no echo";
constexpr std::string_view kEnded = "Not delivered because auto-unsubscribe exceeded";
constexpr std::string_view kSlow =
    "Not delivered because fast producer not stalled and consumer is slow";

}  // namespace

TraceWish Dispatcher::trace_wish_of(Bytes headers, account::Account const& account) {
    return trace_wish(headers, account.options().trace, *entropy_);
}

std::uint64_t Dispatcher::hand_out_traced(Targets const& targets, Round const& round) {
    std::uint64_t taken = 0;
    for (std::uint32_t i = 0; i < targets.plain; ++i) {
        taken += hand_over_traced(*targets.members[i], round);
    }
    std::uint32_t begin = targets.plain;
    for (std::uint32_t const end : targets.group_ends) {
        std::uint32_t const size = end - begin;
        std::uint32_t const start = random_below(size);
        for (std::uint32_t i = 0; i < size; ++i) {
            std::uint32_t const offset = (start + i) % size;
            if (hand_over_traced(*targets.members[begin + offset], round) != 0) {
                ++taken;
                break;
            }
        }
        begin = end;
    }
    return taken;
}

/// Answers 1 when it has the message, or would have it if it were not for the trace alone.
std::uint32_t Dispatcher::hand_over_traced(message::Subscription& subscription,
                                           Round const& round) {
    if (subscription.kind != message::SubscriptionKind::Ordinary) {
        // It writes down itself where it takes the message.
        return hand_over(subscription, round);
    }
    MessageTrace& trace = *round.run.trace;
    std::string_view why_not;
    if (subscription.recipient == round.left_out) {
        why_not = kNoEcho;
    } else if (subscription.ended) {
        why_not = kEnded;
    } else {
        why_not = subscription.recipient->refusal(subscription, round.run.subject);
    }
    std::uint32_t taken = 0;
    if (why_not.empty()) {
        taken = trace.only() ? 1 : hand_over(subscription, round);
        why_not = taken == 0 ? kSlow : std::string_view();
    }
    trace.egress(subscription, subscription, *round.account, why_not);
    return taken;
}

}  // namespace signalbox::dispatch
