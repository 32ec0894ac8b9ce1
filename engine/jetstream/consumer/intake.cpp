#include "engine/jetstream/consumer/intake.h"

#include "engine/account/account.h"
#include "engine/base/text.h"
#include "engine/dispatch/dispatcher.h"

#include <utility>

namespace signalbox::jetstream {
namespace {

constexpr std::string_view kAckPrefix = "$JS.ACK.";
constexpr std::string_view kFlowPrefix = "$JS.FC.";
constexpr std::string_view kPullPrefix = "$JS.API.CONSUMER.MSG.NEXT.";

std::string_view last_token(std::string_view subject) {
    return subject.substr(subject.rfind('.') + 1);
}

}  // namespace

void Intake::open() {
    StreamFacts const& facts = host_.facts();
    std::string const hash = short_hash(host_.account().name());
    subscriptions_.push_back(subscribe(ack_filter(facts.name)));
    subscriptions_.push_back(subscribe(ack_filter(facts.name, facts.domain, hash)));
    subscriptions_.push_back(subscribe(concat(kFlowPrefix, facts.name, ".*.*")));
}

void Intake::close() {
    for (subject::SubscriptionId const id : std::exchange(subscriptions_, {})) {
        forget(id);
    }
}

subject::SubscriptionId Intake::listen(std::string_view consumer) {
    return subscribe(concat(kPullPrefix, host_.facts().name, ".", consumer));
}

subject::SubscriptionId Intake::subscribe(std::string filter) {
    message::Subscription subscription;
    subscription.recipient = this;
    subscription.filter = std::move(filter);
    return host_.dispatcher().subscribe(host_.account(), std::move(subscription)).id;
}

void Intake::forget(subject::SubscriptionId id) {
    if (message::Subscription* const subscription = host_.account().find(id)) {
        host_.dispatcher().unsubscribe(host_.account(), *subscription);
    }
}

message::Delivery Intake::deliver(message::Subscription&, message::MessageRun const& run) {
    std::string_view const subject = run.subject.text();
    user_.arrived();
    if (subject.starts_with(kAckPrefix)) {
        std::optional<DeliveryName> const name = parse_ack_subject(subject);
        Consumer const* const consumer = name ? user_.find_consumer(name->consumer) : nullptr;
        for (message::MessageView const& message : run.messages) {
            if (consumer != nullptr) {
                take_ack(*name, *consumer, message);
            }
        }
    } else {
        for (message::MessageView const& message : run.messages) {
            take_pull(subject, message);
        }
    }
    return {.taken = static_cast<std::uint32_t>(run.messages.size())};
}

void Intake::take_ack(DeliveryName const& name, Consumer const& consumer,
                      message::MessageView const& message) {
    Ack const ack = parse_ack(message.payload);
    ReceivedAck& kept = taken_.acks.emplace_back(consumer.id(), ReceivedAck()).second;
    kept.stream_sequence = name.stream_sequence;
    kept.consumer_sequence = name.consumer_sequence;
    kept.kind = ack.kind;
    kept.delay = ack.delay;
    kept.rest = ack.rest;
    kept.reply = message.reply;
}

void Intake::take_pull(std::string_view subject, message::MessageView const& message) {
    bool const flow = subject.starts_with(kFlowPrefix);
    if (!flow && message.reply.empty()) {
        return;  // There is nobody to send anything to.
    }
    ReceivedRequest& kept = taken_.requests.emplace_back();
    if (flow) {
        std::string_view const rest = subject.substr(0, subject.rfind('.'));
        kept.kind = ReceivedRequest::Kind::FlowAnswer;
        kept.consumer = last_token(rest);
        kept.reply = subject;
    } else {
        kept.consumer = last_token(subject);
        kept.reply = message.reply;
    }
    kept.headers = message.headers;
    kept.payload = message.payload;
}

}  // namespace signalbox::jetstream
