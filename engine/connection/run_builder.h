#pragma once

#include "engine/message/message.h"
#include "engine/protocol/client_op.h"

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::connection {

/// Gathers publishes of one connection to one subject into a run. Holds views: what is gathered is
/// handed over before the read buffer is used again.
class RunBuilder {
public:
    bool empty() const { return messages_.empty(); }
    bool is_full() const { return messages_.size() >= message::kLongestRun; }

    /// Whether the message can join those that are gathered.
    bool continues(protocol::Publish const& message) const {
        return !messages_.empty() && with_headers_ == !message.headers.empty() &&
               message.subject.text() == subject_.text();
    }

    void begin(protocol::Publish const& message) {
        clear();
        if (owns_subject_) {
            kept_subject_ = message.subject.text();
            subject_ = subject::PublishSubject::from_token(kept_subject_);
        } else {
            subject_ = message.subject;
        }
        with_headers_ = !message.headers.empty();
    }

    void add(protocol::Publish const& message) {
        bytes_ += message.headers.size() + message.payload.size();
        regular_ = regular_ && !message.tail.empty();
        messages_.push_back({.reply = message.reply,
                             .sizes = message.sizes,
                             .headers = message.headers,
                             .payload = message.payload,
                             .tail = message.tail});
    }

    /// Of what begins from now on, the subject is a name that does not last.
    void own_subject(bool yes) { owns_subject_ = yes; }

    /// What becomes of the next run, of one message, is written down there; null ends that.
    void trace_to(dispatch::MessageTrace* trace) { trace_ = trace; }

    /// Null: nothing is written down.
    dispatch::MessageTrace* trace() const { return trace_; }

    message::MessageRun run() const {
        return {.subject = subject_,
                .messages = messages_,
                .with_headers = with_headers_,
                .regular = regular_,
                .bytes = bytes_,
                .sharing = nullptr,
                .passage = nullptr,
                .trace = trace_};
    }

    void clear() {
        messages_.clear();
        bytes_ = 0;
        regular_ = true;
    }

private:
    subject::PublishSubject subject_;
    std::string kept_subject_;
    bool owns_subject_ = false;
    dispatch::MessageTrace* trace_ = nullptr;
    std::vector<message::MessageView> messages_;
    std::uint64_t bytes_ = 0;
    bool with_headers_ = false;
    bool regular_ = true;
};

}  // namespace signalbox::connection
