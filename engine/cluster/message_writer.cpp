#include "engine/cluster/message_writer.h"

#include "engine/base/text.h"
#include "engine/protocol/peer_writer.h"

#include <cstring>

namespace signalbox::cluster {
namespace {

using message::Arrival;
using message::Delivery;
using message::MessageRun;
using message::MessageView;

/// Messages up to this size are written in one run; larger ones are cut at block ends.
constexpr std::size_t kOneRun = 4 * 1024;

char* put(char* at, std::string_view text) {
    std::memcpy(at, text.data(), text.size());
    return at + text.size();
}

/// Of what a consumer delivers, those who hand it on over there find the subject that clients are
/// shown behind the `@`.
std::string reply_of(MessageRun const& run, MessageView const& message) {
    bool const named =
        run.addressee.text().empty() || message.reply.find('@') != std::string_view::npos;
    return named ? std::string(message.reply) : concat(message.reply, "@", run.subject.text());
}

}  // namespace

Delivery MessageWriter::write(MessageRun const& run, Understands peer) {
    bool const with_headers = run.with_headers && peer.headers;
    bool const by_leaf = run.arrival != nullptr && run.arrival->by == Arrival::By::Leaf;
    std::string_view const origin =
        by_leaf && peer.origins ? run.arrival->origin : std::string_view();
    begin(run, with_headers, origin);
    transport::Transport& transport = connection_.transport();
    std::size_t const before = transport.pending();
    bool const anew =
        !origin.empty() || !run.addressee.text().empty() || with_headers != run.with_headers;
    std::uint64_t bytes = run.bytes;
    for (MessageView const& message : run.messages) {
        if (anew || message.tail.empty()) [[unlikely]] {
            write_anew(run, message, with_headers, !origin.empty());
            bytes -= with_headers ? 0 : message.headers.size();
        } else {
            write_as_it_came(message, run.queues);
        }
    }
    connection_.counts.out_msgs += run.messages.size();
    connection_.counts.out_bytes += bytes;
    transport.appended(transport.pending() - before);
    bool const slow = connection_.check_pending();
    return {.taken = static_cast<std::uint32_t>(run.messages.size()), .slow = slow};
}

/// Most runs are on the subject of the last one.
void MessageWriter::begin(MessageRun const& run, bool with_headers, std::string_view origin) {
    std::string_view const subject = run.matched().text();
    if (!head_.empty() && head_subject_ == subject && head_with_headers_ == with_headers &&
        head_origin_ == origin) {
        return;
    }
    head_.clear();
    protocol::append_message_head(head_, connection_.parser().form(), with_headers, origin,
                                  account_, subject);
    head_subject_ = subject;
    head_origin_ = origin;
    head_with_headers_ = with_headers;
}

/// The publisher's own bytes follow the subject, or what of the queue groups stands between.
void MessageWriter::write_as_it_came(MessageView const& message, std::string_view queues) {
    transport::Outbox& outbox = connection_.transport().outbox();
    std::string_view const tail = message.tail;
    if (queues.empty()) {
        if (head_.size() + tail.size() <= kOneRun) {
            put(put(outbox.extend(head_.size() + tail.size()), head_), tail);
        } else {
            outbox.append(head_);
            outbox.append(tail);
        }
        return;
    }
    std::string_view const reply = message.reply;
    outbox.append(head_);
    outbox.append(reply.empty() ? " | " : " + ");
    if (!reply.empty()) {
        outbox.append(reply);
        outbox.append(" ");
    }
    outbox.append(queues);
    outbox.append(reply.empty() ? tail : tail.substr(1 + reply.size()));
}

void MessageWriter::write_anew(MessageRun const& run, MessageView const& message, bool with_headers,
                               bool with_origin) {
    std::size_t const header_bytes = with_headers ? message.headers.size() : 0;
    std::string line = head_;
    protocol::append_message_rest(line, reply_of(run, message), run.queues,
                                  with_headers || with_origin, header_bytes,
                                  header_bytes + message.payload.size());
    transport::Outbox& outbox = connection_.transport().outbox();
    outbox.append(line);
    if (with_headers) {
        outbox.append(message.headers);
    }
    outbox.append(message.payload);
    outbox.append("\r\n");
}

}  // namespace signalbox::cluster
