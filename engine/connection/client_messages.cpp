#include "engine/base/text.h"
#include "engine/connection/client_connection.h"
#include "engine/connection/connection_table.h"
#include "engine/connection/protocol_trace.h"
#include "engine/protocol/error_text.h"
#include "engine/protocol/headers.h"
#include "engine/protocol/server_writer.h"

#include <array>
#include <cstring>

namespace signalbox::connection {

namespace error_text = protocol::error_text;
using message::Delivery;
using message::MessageRun;
using message::MessageView;
using message::Subscription;

namespace {

/// Deliveries up to this size are written in one run; larger ones are cut at block ends.
constexpr std::size_t kOneRun = 4 * 1'024;

constexpr std::string_view kMsg = "MSG ";
constexpr std::string_view kHmsg = "HMSG ";

/// Longer beginnings of a delivery, `MSG subject sid`, are written the slow way.
constexpr std::size_t kLongestHead = 512;

/// A publisher that feeds a slow reader is not read from for so long.
constexpr Duration kStall = base::milliseconds(10);

char* put(char* at, std::string_view text) {
    std::memcpy(at, text.data(), text.size());
    return at + text.size();
}

/// What may stand between two arguments.
constexpr std::string_view kSeparators = " \t\r";

/// The numbers as they were written, with one blank between them.
void append_sizes(std::string& out, std::string_view sizes) {
    std::size_t const first = sizes.find_first_of(kSeparators);
    std::size_t const second = sizes.find_last_of(kSeparators);
    append(out, sizes.substr(0, first), " ", sizes.substr(second + 1));
}

/// Copies up to 32 bytes without the call that a copy of unknown length is.
char* put_short(char* at, std::string_view text) {
    std::size_t const n = text.size();
    if (n < 16 || n > 32) {
        return put(at, text);
    }
    // Two copies that overlap in the middle.
    std::memcpy(at, text.data(), 16);
    std::memcpy(at + n - 16, text.data() + n - 16, 16);
    return at + n;
}

}  // namespace

void ClientConnection::publish(protocol::Publish const& message) {
    if (limits_.trace) [[unlikely]] {
        trace_publish(context_.log, cid_, message, context_.options->logging);
    }
    ++inbound_.msgs;
    inbound_.bytes += message.headers.size() + message.payload.size();
    bool const closer_look = account_->mappings() != nullptr ||
                             (!message.headers.empty() && headers_concern_us(message.headers));
    if (closer_look) [[unlikely]] {
        publish_closely(message);
    } else {
        gather(message);
    }
}

/// Messages that can wait for their followers are gathered, as long as the subject stays the same.
void ClientConnection::gather(protocol::Publish const& message) {
    // Who asks and wants to hear that nobody is there hears it at once, and each subject that is
    // none is complained about.
    bool const alone = (options_.no_responders && !message.reply.empty()) ||
                       (options_.pedantic && !message.subject.is_literal());
    RunBuilder& gathered = context_.gathered;
    if (alone || !gathered.continues(message)) {
        publish_gathered();
        if (!check_publish(message)) {
            return;
        }
        gathered.begin(message);
    } else if (authorizer_.counts_answers() ? !check_publish(message)
                                            : !check_reply(message.reply)) {
        return;
    }
    if (options_.verbose) {
        transport_.send(protocol::kOk);
    }
    gathered.add(message);
    // What lies in the parser's own memory does not outlast the next operation.
    if (alone || gathered.is_full() || !parser_.reads_from_input() ||
        message.tail.size() >= kOneRun) {
        publish_gathered();
    }
}

void ClientConnection::publish_gathered() {
    RunBuilder& gathered = context_.gathered;
    if (gathered.empty()) {
        return;
    }
    message::MessageRun const run = gathered.run();
    std::uint64_t const deliveries = context_.dispatcher.publish(*account_, run, *this);
    inbound_.delivered_msgs += deliveries;
    inbound_.delivered_bytes += deliveries * run.bytes / run.messages.size();
    if (deliveries == 0 && options_.no_responders) {
        answer_no_responders(run.messages.front().reply, run.subject.text());
    }
    gathered.clear();
}

bool ClientConnection::check_publish(protocol::Publish const& message) {
    if (options_.pedantic && !message.subject.is_literal()) {
        // Said, and routed all the same.
        transport_.send(protocol::error_line(error_text::kInvalidPublishSubject));
    }
    if (!authorizer_.may_publish(message.subject, context_.world.clock().now())) {
        std::string const subject = base::quoted(message.subject.text());
        std::string const text = concat("Permissions Violation for Publish to ", subject);
        if (context_.gathered.trace() != nullptr) {
            context_.gathered.trace()->refused(text);
        }
        violation(text, concat("Publish Violation - Subject ", subject));
        return false;
    }
    return check_reply(message.reply);
}

bool ClientConnection::check_reply(std::string_view reply) {
    if (!reply.empty() && !authorizer_.may_reply_on(reply)) {
        violation(concat("Permissions Violation for Publish with Reply of ", base::quoted(reply)),
                  concat("Publish Violation - Reply ", base::quoted(reply)));
        return false;
    }
    return true;
}

void ClientConnection::answer_no_responders(std::string_view reply, std::string_view subject) {
    if (reply.empty()) {
        return;
    }
    Subscription* const subscription = context_.dispatcher.find_plain(
        *account_, subject::PublishSubject::from_token(reply), *this);
    bool const may_hear = subscription != nullptr &&
                          authorizer_.may_receive(subject::PublishSubject::from_token(reply),
                                                  subscription->queue, subscription->screening);
    if (!may_hear) {
        return;
    }
    ++subscription->delivered;
    transport_.send(protocol::no_responders_frame(reply, subscription->sid, subject));
    if (subscription->max != 0 && subscription->delivered >= subscription->max) {
        remove(*subscription);
    }
}

void ClientConnection::subscribe(protocol::Subscribe const& request) {
    trace_in(context_.log, cid_, "SUB ", request.filter, request.queue.empty() ? "" : " ",
             request.queue, " ", request.sid);
    auto const filter = subject::Filter::parse(request.filter);
    if (filter.ok() && !check_filter(request, filter.value())) {
        return;
    }
    if (!has_room_for_subscription()) {
        return;
    }
    if (subscriptions_.find(request.sid) == nullptr) {
        if (!filter.ok()) {
            transport_.send(protocol::error_line(error_text::kInvalidSubject));
            note(LogLevel::Debug, error_text::kInvalidSubject);
            return;
        }
        Subscription& kept = context_.dispatcher.subscribe(
            *account_, {.recipient = this,
                        .screening = authorizer_.screening(filter.value(), request.queue),
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

/// Whether it may subscribe to this; it was told when not.
bool ClientConnection::check_filter(protocol::Subscribe const& request, subject::Filter filter) {
    std::string_view const queue = request.queue;
    if (!authorizer_.may_subscribe(filter, queue)) {
        std::string const subject = base::quoted(filter.text());
        std::string const group = base::quoted(queue);
        violation(concat("Permissions Violation for Subscription to ", subject,
                         queue.empty() ? "" : concat(" using queue ", group)),
                  concat("Subscription Violation - Subject ", subject,
                         queue.empty() ? "" : concat(", Queue: ", group), ", SID ", request.sid));
        return false;
    }
    std::int64_t const most = context_.options->limits.max_sub_tokens;
    if (most > 0 && static_cast<std::int64_t>(filter.token_count()) > most) {
        std::string const text = concat("Permissions Violation for Subscription to ",
                                        base::quoted(filter.text()), ", too many tokens");
        violation(text, text);
        return false;
    }
    return true;
}

bool ClientConnection::has_room_for_subscription() {
    std::int64_t const most = max_subscriptions();
    if (most >= 0 && static_cast<std::int64_t>(subscriptions_.size()) >= most) {
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

void ClientConnection::violation(std::string const& text, std::string const& logged) {
    transport_.send(protocol::error_line(text));
    note(LogLevel::Error, logged);
}

Delivery ClientConnection::deliver(Subscription& subscription, MessageRun const& run) {
    std::size_t const before = transport_.pending();
    bool const slow = before > limits_.falls_behind;
    if (state_ != State::Open || (slow && limits_.refuse_when_behind)) {
        return {};
    }
    if (subscription.screening != permission::Screening::None &&
        !authorizer_.may_receive(run.matched(), subscription.queue, subscription.screening)) {
        return {};
    }
    if (authorizer_.counts_answers()) [[unlikely]] {
        note_requests(run);
    }
    std::uint64_t bytes = run.bytes;
    if (run.with_headers && !options_.headers) {
        bytes = 0;
        for (MessageView const& message : run.messages) {
            write_rebuilt(subscription, run, message);
            bytes += message.payload.size();
        }
    } else {
        write_run(subscription, run);
    }
    if (limits_.trace) [[unlikely]] {
        for (MessageView const& message : run.messages) {
            trace_delivery(context_.log, cid_, subscription, run, message);
        }
    }
    counters_->out_msgs.add(run.messages.size());
    counters_->out_bytes.add(bytes);
    transport_.appended(transport_.pending() - before);
    if (transport_.pending() > limits_.max_pending) [[unlikely]] {
        slow_consumer(
            CloseReason::SlowConsumerPendingBytes,
            concat("Slow Consumer Detected: MaxPending of ", limits_.max_pending, " Exceeded"));
    }
    return {.taken = static_cast<std::uint32_t>(run.messages.size()), .slow = slow};
}

/// Whoever is sent a request may answer it.
void ClientConnection::note_requests(MessageRun const& run) {
    Instant const now = context_.world.clock().now();
    for (MessageView const& message : run.messages) {
        if (!message.reply.empty()) {
            authorizer_.requested(message.reply, now);
        }
    }
}

/// The publisher's own bytes follow the sid: nothing is formatted.
void ClientConnection::write_run(Subscription const& subscription, MessageRun const& run) {
    std::string_view const verb = run.with_headers ? kHmsg : kMsg;
    std::string_view const subject = run.subject.text();
    std::string_view const sid = subscription.sid;
    std::array<char, kLongestHead> head;
    std::size_t const head_size = verb.size() + subject.size() + 1 + sid.size();
    if (head_size > head.size()) {
        for (MessageView const& message : run.messages) {
            write_rebuilt(subscription, run, message);
        }
        return;
    }
    char* at = put(put(head.data(), verb), subject);
    *at++ = ' ';
    put(at, sid);
    Bytes const beginning(head.data(), head_size);
    if (run.sharing != nullptr && run.messages.size() > 1 && share_run(beginning, sid, run)) {
        return;
    }
    for (MessageView const& message : run.messages) {
        if (message.tail.empty()) [[unlikely]] {
            write_rebuilt(subscription, run, message);
        } else if (head_size + message.tail.size() <= kOneRun) {
            char* const to = transport_.outbox().extend(head_size + message.tail.size());
            put(put_short(to, beginning), message.tail);
        } else {
            write_large(beginning, run, message);
        }
    }
}

/// Deliveries of one run differ by the sid alone, and those of many clients are the same. False:
/// this one's is another, and it writes its own.
bool ClientConnection::share_run(Bytes beginning, std::string_view sid, MessageRun const& run) {
    message::RunSharing& sharing = *run.sharing;
    if (sharing.whole == nullptr) {
        std::size_t size = 0;
        for (MessageView const& message : run.messages) {
            size += beginning.size() + message.tail.size();
        }
        auto const whole = std::make_shared<std::string>();
        whole->reserve(size);
        for (MessageView const& message : run.messages) {
            whole->append(beginning).append(message.tail);
        }
        sharing.whole = whole;
        sharing.sid = sid;
    }
    if (sharing.sid != sid) {
        return false;
    }
    transport_.outbox().append(sharing.whole);
    return true;
}

void ClientConnection::write_large(Bytes beginning, MessageRun const& run,
                                   MessageView const& message) {
    transport::Outbox& outbox = transport_.outbox();
    outbox.append(beginning);
    // In a longer run there may be several that are large.
    if (run.sharing == nullptr || run.messages.size() > 1) {
        outbox.append(message.tail);
        return;
    }
    if (run.sharing->tail == nullptr) {
        run.sharing->tail = std::make_shared<std::string const>(message.tail);
    }
    outbox.append(run.sharing->tail);
}

/// For lines that were written irregularly, and for clients that do not know headers.
void ClientConnection::write_rebuilt(Subscription const& subscription, MessageRun const& run,
                                     MessageView const& message) {
    bool const with_headers = !message.headers.empty() && options_.headers;
    std::string head =
        concat(with_headers ? kHmsg : kMsg, run.subject.text(), " ", subscription.sid, " ");
    if (!message.reply.empty()) {
        append(head, message.reply, " ");
    }
    if (with_headers) {
        append_sizes(head, message.sizes);
        head += "\r\n";
    } else if (message.headers.empty() && message.sizes.find_first_of(kSeparators) == Bytes::npos) {
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
    ++account_->usage().slow_consumers;
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
