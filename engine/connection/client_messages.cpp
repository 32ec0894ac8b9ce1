#include "engine/base/text.h"
#include "engine/connection/client_connection.h"
#include "engine/connection/connection_table.h"
#include "engine/connection/protocol_trace.h"
#include "engine/protocol/error_text.h"
#include "engine/protocol/server_writer.h"

#include <cstring>

namespace signalbox::connection {

namespace error_text = protocol::error_text;
using message::Delivery;
using message::MessageView;
using message::Subscription;

namespace {

/// Deliveries up to this size are written in one run; larger ones are cut at block ends.
constexpr std::size_t kOneRun = 4 * 1'024;

constexpr std::string_view kMsg = "MSG ";
constexpr std::string_view kHmsg = "HMSG ";
constexpr std::string_view kBlank = " ";

/// A publisher that feeds a slow reader is not read from for so long.
constexpr Duration kStall = base::milliseconds(10);

char* put(char* at, std::string_view text) {
    std::memcpy(at, text.data(), text.size());
    return at + text.size();
}

/// The numbers as they were written, with one blank between them.
void append_sizes(std::string& out, std::string_view sizes) {
    std::size_t const first = sizes.find_first_of(" \t");
    std::size_t const second = sizes.find_last_of(" \t");
    append(out, sizes.substr(0, first), " ", sizes.substr(second + 1));
}

/// Copies what is usually only a few bytes, for which a call would cost more than the copy.
char* put_short(char* at, std::string_view text) {
    std::size_t const n = text.size();
    if (n > 16) {
        return put(at, text);
    }
    // Two copies that overlap in the middle.
    if (n >= 8) {
        std::memcpy(at, text.data(), 8);
        std::memcpy(at + n - 8, text.data() + n - 8, 8);
    } else if (n >= 4) {
        std::memcpy(at, text.data(), 4);
        std::memcpy(at + n - 4, text.data() + n - 4, 4);
    } else {
        for (std::size_t i = 0; i < n; ++i) {
            at[i] = text[i];
        }
    }
    return at + n;
}

}  // namespace

void ClientConnection::publish(protocol::Publish const& message) {
    if (context_.log.wants(LogLevel::Trace)) {
        trace_publish(context_.log, cid_, message, context_.options->logging);
    }
    std::size_t const size = message.headers.size() + message.payload.size();
    ++inbound_.msgs;
    inbound_.bytes += size;
    if (!check_publish(message)) {
        return;
    }
    if (options_.verbose) {
        transport_.send(protocol::kOk);
    }
    std::uint32_t const taken = context_.dispatcher.publish(*account_,
                                                            {.subject = message.subject,
                                                             .reply = message.reply,
                                                             .sizes = message.sizes,
                                                             .headers = message.headers,
                                                             .payload = message.payload,
                                                             .tail = message.tail},
                                                            *this);
    inbound_.delivered_msgs += taken;
    inbound_.delivered_bytes += taken * size;
    if (taken == 0 && options_.no_responders && !message.reply.empty()) {
        answer_no_responders(message);
    }
}

bool ClientConnection::check_publish(protocol::Publish const& message) {
    if (options_.pedantic && !message.subject.is_literal()) {
        // Said, and routed all the same.
        transport_.send(protocol::error_line(error_text::kInvalidPublishSubject));
    }
    if (!authorizer_.may_publish(message.subject)) {
        violation(
            concat("Permissions Violation for Publish to ", base::quoted(message.subject.text())));
        return false;
    }
    if (!message.reply.empty() && !authorizer_.may_reply_on(message.reply)) {
        violation(concat("Permissions Violation for Publish with Reply of ",
                         base::quoted(message.reply)));
        return false;
    }
    return true;
}

void ClientConnection::answer_no_responders(protocol::Publish const& message) {
    Subscription* const subscription = context_.dispatcher.find_plain(
        *account_, subject::PublishSubject::from_token(message.reply), *this);
    if (subscription == nullptr) {
        return;
    }
    ++subscription->delivered;
    transport_.send(
        protocol::no_responders_frame(message.reply, subscription->sid, message.subject.text()));
    if (subscription->max != 0 && subscription->delivered >= subscription->max) {
        remove(*subscription);
    }
}

void ClientConnection::subscribe(protocol::Subscribe const& request) {
    trace_in(context_.log, cid_, "SUB ", request.filter, request.queue.empty() ? "" : " ",
             request.queue, " ", request.sid);
    if (!check_subscribe(request)) {
        return;
    }
    if (subscriptions_.find(request.sid) == nullptr) {
        if (!subject::Filter::parse(request.filter).ok()) {
            transport_.send(protocol::error_line(error_text::kInvalidSubject));
            note(LogLevel::Debug, error_text::kInvalidSubject);
            return;
        }
        Subscription& kept =
            context_.dispatcher.subscribe(*account_, {.recipient = this,
                                                      .filter = std::string(request.filter),
                                                      .queue = std::string(request.queue),
                                                      .sid = std::string(request.sid)});
        subscriptions_.add(kept);
        counters_->subscriptions.set(subscriptions_.size());
    }
    if (options_.verbose) {
        transport_.send(protocol::kOk);
    }
}

bool ClientConnection::check_subscribe(protocol::Subscribe const& request) {
    auto const filter = subject::Filter::parse(request.filter);
    std::string const quoted = base::quoted(request.filter);
    if (filter.ok() && !authorizer_.may_subscribe(filter.value(), request.queue)) {
        violation(concat("Permissions Violation for Subscription to ", quoted, " using queue ",
                         base::quoted(request.queue)));
        return false;
    }
    config::Limits const& limits = context_.options->limits;
    auto const tokens = static_cast<std::int64_t>(filter.ok() ? filter.value().token_count() : 0);
    if (limits.max_sub_tokens > 0 && tokens > limits.max_sub_tokens) {
        violation(
            concat("Permissions Violation for Subscription to ", quoted, ", too many tokens"));
        return false;
    }
    auto const count = static_cast<std::int64_t>(subscriptions_.size());
    if (limits.max_subscriptions > 0 && count >= limits.max_subscriptions) {
        transport_.send(protocol::error_line(error_text::kMaxSubscriptions));
        note(LogLevel::Error, error_text::kMaxSubscriptions);
        return false;
    }
    return true;
}

void ClientConnection::unsubscribe(protocol::Unsubscribe const& request) {
    trace_in(context_.log, cid_, "UNSUB ", request.sid, " ", request.max);
    if (Subscription* const subscription = subscriptions_.find(request.sid)) {
        if (request.max > subscription->delivered) {
            subscription->max = request.max;
        } else {
            remove(*subscription);
        }
    }
    if (options_.verbose) {
        transport_.send(protocol::kOk);
    }
}

void ClientConnection::remove(Subscription& subscription) {
    subscriptions_.remove(subscription);
    counters_->subscriptions.set(subscriptions_.size());
    context_.dispatcher.unsubscribe(*account_, subscription);
}

void ClientConnection::finish(Subscription& subscription) {
    trace_delivered_all(context_.log, cid_, subscription.sid);
    remove(subscription);
}

void ClientConnection::violation(std::string const& text) {
    transport_.send(protocol::error_line(text));
    note(LogLevel::Error, text);
}

Delivery ClientConnection::deliver(Subscription& subscription, MessageView const& message) {
    if (state_ != State::Open) {
        return Delivery::Refused;
    }
    std::size_t const before = transport_.pending();
    bool const slow = before > limits_.falls_behind;
    if (slow && limits_.refuse_when_behind) {
        return Delivery::Refused;
    }
    std::uint64_t size = message.payload.size();
    if (message.tail.empty() || (!message.headers.empty() && !options_.headers)) [[unlikely]] {
        write_rebuilt(subscription, message);
        size += options_.headers ? message.headers.size() : 0;
    } else {
        write_raw(subscription, message);
        size += message.headers.size();
    }
    if (limits_.trace) [[unlikely]] {
        trace_delivery(context_.log, cid_, subscription, message);
    }
    counters_->out_msgs.add(1);
    counters_->out_bytes.add(size);
    transport_.appended(transport_.pending() - before);
    if (transport_.pending() > limits_.max_pending) [[unlikely]] {
        slow_consumer(
            CloseReason::SlowConsumerPendingBytes,
            concat("Slow Consumer Detected: MaxPending of ", limits_.max_pending, " Exceeded"));
    }
    return slow ? Delivery::TakenBySlow : Delivery::Taken;
}

/// The publisher's own bytes follow the sid: nothing is formatted.
void ClientConnection::write_raw(Subscription const& subscription, MessageView const& message) {
    std::string_view const sid = subscription.sid;
    transport::Outbox& outbox = transport_.outbox();
    if (!message.head.empty() &&
        message.head.size() + message.tail.size() + sid.size() <= kOneRun) {
        char* at = outbox.extend(message.head.size() + sid.size() + message.tail.size());
        at = put(at, message.head);
        at = put_short(at, sid);
        put(at, message.tail);
        return;
    }
    std::string_view const verb = message.headers.empty() ? kMsg : kHmsg;
    std::string_view const subject = message.subject.text();
    std::size_t const head = verb.size() + subject.size() + 1 + sid.size();
    if (head + message.tail.size() <= kOneRun) {
        char* at = outbox.extend(head + message.tail.size());
        at = put_short(at, verb);
        at = put_short(at, subject);
        *at++ = ' ';
        at = put_short(at, sid);
        put(at, message.tail);
        return;
    }
    outbox.append(verb);
    outbox.append(subject);
    outbox.append(kBlank);
    outbox.append(sid);
    if (message.shared_tail == nullptr) {
        outbox.append(message.tail);
        return;
    }
    if (*message.shared_tail == nullptr) {
        *message.shared_tail = std::make_shared<std::string const>(message.tail);
    }
    outbox.append(*message.shared_tail);
}

/// For lines that were written irregularly, and for clients that do not know headers.
void ClientConnection::write_rebuilt(Subscription const& subscription, MessageView const& message) {
    bool const with_headers = !message.headers.empty() && options_.headers;
    std::string head =
        concat(with_headers ? "HMSG " : "MSG ", message.subject.text(), " ", subscription.sid, " ");
    if (!message.reply.empty()) {
        append(head, message.reply, " ");
    }
    if (with_headers) {
        append_sizes(head, message.sizes);
        head += "\r\n";
    } else if (message.headers.empty() && message.sizes.find_first_of(" \t") == Bytes::npos) {
        append(head, message.sizes, "\r\n");
    } else {
        append(head, message.payload.size(), "\r\n");
    }
    transport::Outbox& outbox = transport_.outbox();
    outbox.append(head);
    if (with_headers) {
        outbox.append(message.headers);
    }
    outbox.append(message.payload);
    outbox.append("\r\n");
}

void ClientConnection::slow_consumer(CloseReason reason, std::string const& text) {
    if (state_ == State::Closing) {
        return;
    }
    note(LogLevel::Notice, text);
    context_.observation.counters.slow_consumers.add(1);
    context_.observation.event(observe::EventKind::SlowConsumer, context_.world.clock().wall_now(),
                               observed_, text);
    close(reason);
}

void ClientConnection::stall() {
    if (stall_timer_ || state_ != State::Open) {
        return;
    }
    counters_->stalls.add(1);
    context_.observation.counters.stalled_clients.add(1);
    transport_.pause_reading();
    Instant const until = context_.world.clock().now() + kStall;
    stall_timer_ = context_.world.timers().call_at(until, [this] {
        stall_timer_ = {};
        if (state_ == State::Open) {
            transport_.resume_reading();
        }
    });
}

}  // namespace signalbox::connection
