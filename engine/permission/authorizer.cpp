#include "engine/permission/authorizer.h"

namespace signalbox::permission {
namespace {

// Answers to services of other accounts, answers over gateways, acknowledgements of streams, and
// the consensus of servers: made by servers alone.
constexpr std::string_view kServiceReply = "_R_.";
constexpr std::string_view kGatewayReply = "_GR_.";
constexpr std::string_view kAcknowledgement = "$JS.ACK.";
constexpr std::string_view kConsensus = "$NRG.";

/// The queue group in which servers share requests among themselves.
constexpr std::string_view kServersQueue = "_sys_";

}  // namespace

bool Authorizer::may_publish_reserved(std::string_view subject) const {
    if (subject.starts_with(kGatewayReply)) {
        return false;
    }
    return in_system_account_ || !subject.starts_with(kConsensus);
}

bool Authorizer::may_reply_on(std::string_view reply) const {
    return !reply.starts_with(kServiceReply) && !reply.starts_with(kGatewayReply) &&
           !reply.starts_with(kAcknowledgement);
}

bool Authorizer::may_subscribe(subject::Filter filter, std::string_view queue) const {
    return queue != kServersQueue &&
           (book_ == nullptr || book_->rule_subscribe(filter, queue).allowed);
}

Ruling Authorizer::rule_publish(std::string_view subject) const {
    bool const open =
        (subject.front() != '_' && subject.front() != '$') || may_publish_reserved(subject);
    if (!open) {
        return {.allowed = false, .by = "the servers' own subjects"};
    }
    return book_ == nullptr ? Ruling() : book_->rule_publish(subject);
}

}  // namespace signalbox::permission
