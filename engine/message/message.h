#pragma once

#include "engine/base/bytes.h"
#include "engine/subject/subject.h"
#include "engine/transport/outbox.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace signalbox::event {
struct ClientInfo;
}

namespace signalbox::dispatch {
class MessageTrace;
}

namespace signalbox::message {

class Publisher;

/// A message on its way, but for its subject: views that last while it is dispatched.
struct MessageView {
    std::string_view reply;
    std::string_view sizes;  ///< As written by the publisher, to be repeated: `5`, or `12 17`.
    Bytes headers;
    Bytes payload;
    Bytes tail;  ///< All that follows the sid in a delivery, when the publisher wrote it so.

    std::size_t size() const { return headers.size() + payload.size(); }
};

/// How a run came into an account through the imports of services.
struct Passage {
    unsigned hops = 0;    ///< How many walls it crossed.
    bool answer = false;  ///< It is an answer to a request, else the request.
    bool shared = false;  ///< All whom a request went through tell who asks.
    event::ClientInfo const* requester = nullptr;  ///< As the last one was told; of requests.
};

/// What several recipients of one run can send without a copy each; made when first asked for.
struct RunSharing {
    transport::SharedBytes tail;  ///< Of a run of one large message.
    transport::SharedBytes
        whole;  ///< The deliveries of a longer run, to subscriptions named `sid`.
    std::string_view sid;
};

/// How a run came here when it was published on another server.
struct Arrival {
    enum class By : std::uint8_t {
        Route,    ///< From a server of this cluster.
        Leaf,     ///< From a leaf node that is attached to this server.
        Hub,      ///< From the server that this one is a leaf node of.
        Gateway,  ///< From another cluster.
    };
    By by = By::Route;
    /// The cluster of the leaf nodes it came through, which have it already; empty: none.
    std::string_view origin;
    /// The queue groups that are to be served here, with blanks between; no others are.
    std::string_view queues;
};

/// Messages that one publisher sent to one subject, one right after the other. What is the same for
/// all of them is found out once: who wants them, and how a delivery begins.
struct MessageRun {
    subject::PublishSubject subject;
    std::span<MessageView const> messages;    ///< At least one.
    bool with_headers = false;                ///< All of them have headers, or none has.
    bool regular = false;                     ///< All of them have a tail.
    std::uint64_t bytes = 0;                  ///< Headers and payloads of all together.
    RunSharing* sharing = nullptr;            ///< None for what is cheaper to copy.
    Publisher const* publisher = nullptr;     ///< Set by dispatching.
    Passage const* passage = nullptr;         ///< Null: it was published in this account.
    dispatch::MessageTrace* trace = nullptr;  ///< Of a run of one message; mostly none.
    /// Who is subscribed to this gets it, under the name `subject`: a consumer's deliveries. Empty,
    /// the usual case: who is subscribed to `subject`. On its way to another server such a message
    /// has this as its subject, and `@subject` at the end of its reply.
    subject::PublishSubject addressee = {};

    Arrival const* arrival = nullptr;  ///< Null: it was published on this server.
    std::string_view queues;  ///< For a recipient that is a server: the groups it is to serve, with
                              ///< blanks between.

    subject::PublishSubject matched() const {
        return addressee.text().empty() ? subject : addressee;
    }
};

/// A run is not longer, so that what is gathered for it stays in the processor's cache.
inline constexpr std::size_t kLongestRun = 1'024;

}  // namespace signalbox::message
