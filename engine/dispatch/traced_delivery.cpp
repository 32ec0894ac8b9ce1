#include "engine/dispatch/dispatcher.h"
#include "engine/dispatch/message_trace.h"
#include "engine/message/built_message.h"
#include "engine/protocol/headers.h"

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
    chosen_.clear();
    for (std::size_t group = 0; group < targets.group_ends.size(); ++group) {
        taken += serve_group(targets, group, round);
    }
    taken += hand_to_servers(targets, round);
    chosen_.clear();
    return taken;
}

/// Answers how many servers have it, or would have it if it were not for the trace alone.
std::uint32_t Dispatcher::hand_to_server_traced(message::Subscription& server, Round const& round) {
    MessageTrace& trace = *round.run.trace;
    std::string_view const cannot = server.recipient->refusal(server, round.run.matched());
    if (!cannot.empty() && !trace.only()) {
        return hand_over(server, round);
    }
    std::string const hop = trace.egress_to_server(*server.recipient, cannot);
    if (!cannot.empty()) {
        return 0;
    }
    // What is traced goes on with its trace: there it is written down from where it came.
    message::MessageView const& message = round.run.messages.front();
    message::BuiltMessage const built(
        message.reply, protocol::with_header(message.headers, kTraceHop, hop), message.payload);
    message::MessageRun run = round.run;
    run.messages = {&built.view(), 1};
    run.bytes = built.view().size();
    run.regular = true;
    run.sharing = nullptr;
    return hand_over(server, {run, round.publisher, round.left_out, round.account});
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
