#pragma once

#include "engine/base/bytes.h"
#include "engine/subject/subject.h"
#include "engine/transport/outbox.h"

#include <memory>
#include <string>
#include <string_view>

namespace signalbox::message {

/// A message on its way: views that last while it is dispatched.
struct MessageView {
    subject::PublishSubject subject;
    std::string_view reply;
    std::string_view sizes;  ///< As written by the publisher, to be repeated: `5`, or `12 17`.
    Bytes headers;
    Bytes payload;
    Bytes tail;  ///< All that follows the sid in a delivery, when the publisher wrote it so.
    /// `MSG <subject> `, or with headers `HMSG <subject> `, when it was worth making once for many.
    Bytes head = {};

    /// The tail's copy that several large deliveries share, made when first asked for; none for
    /// messages that are cheaper to copy.
    transport::SharedBytes* shared_tail = nullptr;

    std::size_t size() const { return headers.size() + payload.size(); }
};

}  // namespace signalbox::message
