#pragma once

#include "engine/message/message.h"
#include "engine/protocol/peer_op.h"

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::cluster {

/// Gathers messages of one peer into runs: of one account, on one subject, for the same queue
/// groups, by the same way. Holds views: what is gathered is handed over before the read buffer is
/// used again.
class RunGatherer {
public:
    bool empty() const { return messages_.empty(); }
    bool is_full() const { return messages_.size() >= message::kLongestRun; }

    bool continues(protocol::PeerMessage const& message) const {
        return !messages_.empty() && message.subject.text() == first_.subject.text() &&
               with_headers_ == !message.headers.empty() && message.account == first_.account &&
               message.queues == first_.queues && message.origin == first_.origin;
    }

    void begin(protocol::PeerMessage const& message) {
        clear();
        first_ = message;
        with_headers_ = !message.headers.empty();
    }

    void add(protocol::PeerMessage const& message) {
        bytes_ += message.headers.size() + message.payload.size();
        regular_ = regular_ && !message.tail.empty();
        messages_.push_back({.reply = message.reply,
                             .sizes = message.sizes,
                             .headers = message.headers,
                             .payload = message.payload,
                             .tail = message.tail});
    }

    /// `arrival` outlasts the run.
    message::MessageRun run(message::Arrival const& arrival) const {
        return {.subject = first_.subject,
                .messages = messages_,
                .with_headers = with_headers_,
                .regular = regular_,
                .bytes = bytes_,
                .arrival = &arrival};
    }

    /// What is the same for all of them; its views are those of the first.
    protocol::PeerMessage const& first() const { return first_; }

    void clear() {
        messages_.clear();
        bytes_ = 0;
        regular_ = true;
    }

private:
    protocol::PeerMessage first_;
    std::vector<message::MessageView> messages_;
    std::uint64_t bytes_ = 0;
    bool with_headers_ = false;
    bool regular_ = true;
};

}  // namespace signalbox::cluster
