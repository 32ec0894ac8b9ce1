#include "engine/cluster/gateway_recipient.h"

#include "engine/base/text.h"
#include "engine/cluster/ack_reply.h"
#include "engine/cluster/gateway_connection.h"
#include "engine/cluster/gateway_name.h"
#include "engine/cluster/gateway_table.h"

#include <algorithm>
#include <vector>

namespace signalbox::cluster {

using message::Arrival;
using message::Delivery;
using message::MessageRun;
using message::MessageView;
using message::Subscription;

namespace {

/// Replies by which who asked is found before the other cluster knows what is listened to here.
bool needs_way_back(std::string_view reply) {
    return !reply.empty() && !reply.starts_with(kGatewayReplies) && !reply.starts_with(kAckPrefix);
}

}  // namespace

GatewayRecipient::GatewayRecipient(GatewayConnection& connection, account::Account& account)
    : connection_(connection), account_(account), writer_(connection.peer(), account.name()) {}

GatewayRecipient::~GatewayRecipient() {
    for (Subscription* const subscription : subscriptions_.all()) {
        connection_.dispatcher().unsubscribe(account_, *subscription);
    }
}

void GatewayRecipient::add(std::string_view filter, std::string_view queue) {
    SubscriptionSet::Key const key{filter, queue};
    if (subscriptions_.find(key, SubscriptionSet::kAny) != nullptr) {
        return;
    }
    Subscription& kept =
        connection_.dispatcher().subscribe(account_, {.recipient = this,
                                                      .kind = message::SubscriptionKind::Hub,
                                                      .filter = std::string(filter),
                                                      .queue = std::string(queue),
                                                      .sid = connection_.gateway_name()});
    subscriptions_.insert(key, kept);
    queue_count_ += queue.empty() ? 0 : 1;
}

void GatewayRecipient::remove(std::string_view filter, std::string_view queue) {
    if (Subscription* const gone = subscriptions_.take({filter, queue}, SubscriptionSet::kAny)) {
        queue_count_ -= queue.empty() ? 0 : 1;
        connection_.dispatcher().unsubscribe(account_, *gone);
    }
}

/// One hop: only what was published in this cluster's own accounts, or by its leaf nodes, leaves
/// it.
Delivery GatewayRecipient::deliver(Subscription&, MessageRun const& run) {
    bool const far = run.arrival != nullptr && run.arrival->by != Arrival::By::Leaf;
    if (!connection_.is_open() || far ||
        connection_.table().answers_to(account_, run.matched().text(),
                                       connection_.gateway_name())) {
        return {};
    }
    bool const asks = std::ranges::any_of(
        run.messages, [](MessageView const& message) { return needs_way_back(message.reply); });
    return asks ? write_with_replies(run)
                : writer_.write(run, {.headers = connection_.understands_headers()});
}

Delivery GatewayRecipient::write_with_replies(MessageRun const& run) {
    std::vector<std::string> replies;
    replies.reserve(run.messages.size());
    std::vector<MessageView> messages(run.messages.begin(), run.messages.end());
    for (MessageView& message : messages) {
        if (needs_way_back(message.reply)) {
            replies.push_back(concat(connection_.table().way_back(), message.reply));
            message.reply = replies.back();
            message.tail = {};
        }
    }
    MessageRun mapped = run;
    mapped.messages = messages;
    mapped.regular = false;
    mapped.sharing = nullptr;
    return writer_.write(mapped, {.headers = connection_.understands_headers()});
}

Delivery GatewayRecipient::answer(std::string_view subject, MessageRun const& run) {
    if (!connection_.is_open()) {
        return {};
    }
    MessageRun mapped = run;
    mapped.subject = subject::PublishSubject::from_token(subject);
    mapped.addressee = {};
    mapped.queues = {};
    return writer_.write(mapped, {.headers = connection_.understands_headers()});
}

std::uint64_t GatewayRecipient::connection_id() const {
    return connection_.gid();
}

std::string_view GatewayRecipient::name() const {
    return connection_.gateway_name();
}

}  // namespace signalbox::cluster
