#include "engine/base/text.h"
#include "engine/connection/client_connection.h"
#include "engine/connection/protocol_trace.h"
#include "engine/dispatch/message_trace.h"
#include "engine/event/client_info.h"
#include "engine/message/built_message.h"
#include "engine/protocol/headers.h"
#include "engine/protocol/server_writer.h"

#include <optional>
#include <utility>

namespace signalbox::connection {

bool ClientConnection::headers_concern_us(Bytes headers) const {
    return protocol::has_server_header(headers) || protocol::has_trace_header(headers) ||
           account_->options().trace.has_value();
}

/// What its headers or the mappings of the account make something else of.
void ClientConnection::publish_closely(protocol::Publish const& message) {
    dispatch::TraceWish wish;
    if (!message.headers.empty() && context_.traces != nullptr) {
        wish = context_.dispatcher.trace_wish_of(message.headers, *account_);
    }
    using Kind = dispatch::TraceWish::Kind;
    if (wish.kind == Kind::Invalid && wish.only) {
        return;
    }
    if (wish.kind != Kind::Traced) {
        publish_rewritten(message, nullptr);
        return;
    }
    publish_gathered();
    if (!may_be_traced(wish)) {
        return;
    }
    dispatch::MessageTrace trace(context_.world.clock(), std::move(wish), *account_);
    event::ClientInfo from;
    describe(from);
    trace.ingress(from, message.subject.text());
    context_.gathered.trace_to(&trace);
    publish_rewritten(message, &trace);
    publish_gathered();
    context_.gathered.trace_to(nullptr);
    context_.traces->tell(trace, message.headers, message.headers.size() + message.payload.size());
}

/// Whoever asks to be told somewhere has to be allowed to publish there.
bool ClientConnection::may_be_traced(dispatch::TraceWish const& wish) {
    auto const destination = subject::PublishSubject::from_token(wish.destination);
    if (wish.by_context || authorizer_.may_publish(destination, context_.world.clock().now())) {
        return true;
    }
    std::string const text =
        concat("Permissions Violation for Publish to ", base::quoted(wish.destination));
    violation(text, text);
    return false;
}

/// One that is too large, of which only the headers are known.
void ClientConnection::trace_refused(protocol::Publish const& message, std::uint64_t size) {
    bool const asks = !message.headers.empty() && context_.traces != nullptr &&
                      state_ == State::Open && headers_concern_us(message.headers);
    if (!asks) {
        return;
    }
    dispatch::TraceWish wish = context_.dispatcher.trace_wish_of(message.headers, *account_);
    if (wish.kind != dispatch::TraceWish::Kind::Traced || !may_be_traced(wish)) {
        return;
    }
    dispatch::MessageTrace trace(context_.world.clock(), std::move(wish), *account_);
    event::ClientInfo from;
    describe(from);
    trace.ingress(from, message.subject.text());
    trace.refused("maximum payload exceeded");
    context_.traces->tell(trace, message.headers, size);
}

/// It goes on as something else: on another subject by a mapping of the account, or without headers
/// that only servers may set.
void ClientConnection::publish_rewritten(protocol::Publish const& message,
                                         dispatch::MessageTrace* trace) {
    protocol::Publish changed = message;
    std::optional<message::BuiltMessage> built;
    if (!message.headers.empty() && protocol::has_server_header(message.headers)) {
        built.emplace(message.reply, protocol::without_server_headers(message.headers),
                      message.payload);
        changed.sizes = built->view().sizes;
        changed.headers = built->view().headers;
        changed.payload = built->view().payload;
        changed.tail = built->view().tail;
    }
    account::Mapped const mapped = context_.dispatcher.map_subject(*account_, message.subject);
    if (mapped.kind == account::Mapped::Kind::Lost) {
        lose(message);
        return;
    }
    if (mapped.kind == account::Mapped::Kind::Renamed) {
        trace_in(context_.log, cid_, "MAPPING ", message.subject.text(), " -> ", mapped.subject);
        if (trace != nullptr) {
            trace->mapped(mapped.subject);
        }
        changed.subject = subject::PublishSubject::from_token(mapped.subject);
    }
    context_.gathered.own_subject(true);
    gather(changed);
    context_.gathered.own_subject(false);
    if (built) {
        // What was put together here does not outlast this call.
        publish_gathered();
    }
}

/// A weight leads nowhere: nobody gets it, and whoever asks hears as much.
void ClientConnection::lose(protocol::Publish const& message) {
    publish_gathered();
    if (options_.verbose) {
        transport_.send(protocol::kOk);
    }
    if (options_.no_responders) {
        answer_no_responders(message.reply, message.subject.text());
    }
}

std::string_view ClientConnection::refusal(message::Subscription const& subscription,
                                           subject::PublishSubject subject) const {
    if (state_ != State::Open) {
        return "Not delivered because client is closed";
    }
    if (!rule_hearing(subject.text(), subscription).allowed) {
        return "Not delivered because subscription denies this subject";
    }
    return {};
}

void ClientConnection::describe(event::ClientInfo& info) const {
    info = client_info();
    info.account = account_->name();
    info.name_tag = who_.token.name_tag;
    info.rtt = keep_alive_.rtt();
    info.server = context_.info.server_id;
}

}  // namespace signalbox::connection
