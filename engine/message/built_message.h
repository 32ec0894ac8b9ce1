#pragma once

#include "engine/base/text.h"
#include "engine/message/message.h"

#include <string>
#include <string_view>

namespace signalbox::message {

/// A message that was put together here, as if a publisher had written it: its bytes, and the view
/// of them that recipients get.
class BuiltMessage {
public:
    /// `headers`: a whole block, or empty.
    BuiltMessage(std::string_view reply, Bytes headers, Bytes payload) {
        if (!reply.empty()) {
            append(tail_, ' ', reply);
        }
        std::size_t const reply_end = tail_.size();
        tail_ += ' ';
        std::size_t const sizes = tail_.size();
        if (!headers.empty()) {
            append(tail_, headers.size(), ' ');
        }
        append(tail_, headers.size() + payload.size());
        std::size_t const sizes_end = tail_.size();
        append(tail_, "\r\n", headers, payload, "\r\n");
        // Only now do the bytes stay where they are.
        Bytes const all(tail_);
        view_.reply = reply.empty() ? Bytes() : all.substr(1, reply_end - 1);
        view_.sizes = all.substr(sizes, sizes_end - sizes);
        view_.headers = all.substr(sizes_end + 2, headers.size());
        view_.payload = all.substr(sizes_end + 2 + headers.size(), payload.size());
        view_.tail = all;
    }

    BuiltMessage(BuiltMessage const&) = delete;
    BuiltMessage& operator=(BuiltMessage const&) = delete;

    MessageView const& view() const { return view_; }

    /// A run of it alone. `passage`: see MessageRun.
    MessageRun run(subject::PublishSubject subject, Passage const* passage = nullptr) const {
        return {.subject = subject,
                .messages = {&view_, 1},
                .with_headers = !view_.headers.empty(),
                .regular = true,
                .bytes = view_.size(),
                .sharing = nullptr,
                .passage = passage};
    }

private:
    std::string tail_;
    MessageView view_;
};

}  // namespace signalbox::message
