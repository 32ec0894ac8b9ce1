#pragma once

#include "engine/base/json_reader.h"
#include "engine/client/client.h"
#include "engine/host/jetstream/jetstream_order.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace signalbox::host {

/// Why the API did not do something: what came of the way there, or what it answered.
struct ApiFailure {
    Error error;
    std::int64_t code = 0;  ///< Its `err_code`; 0: it did not answer.
};

/// An answer of the API that is no error.
struct ApiReply {
    std::string text;
    Json json;
};

/// Asks JetStream's API over a client connection. Belongs to the connection's thread.
class JetStreamAsker {
public:
    using OnReply = std::function<void(ApiReply)>;
    using OnFailure = std::function<void(ApiFailure)>;

    static constexpr Duration kPatience = base::seconds(5);

    JetStreamAsker(World& world, client::Client& client) : world_(world), client_(client) {}

    World& world() { return world_; }
    client::Client& client() { return client_; }

    /// One request on `$JS.API.` and `subject`. One of the two is called, once, never from within
    /// this call, and neither after the end of the asker. Errors: Unavailable (nobody answers:
    /// JetStream is off, or the stream is not there), TimedOut, Closed, Malformed, and what the
    /// answer's code stands for: NotFound, InvalidArgument, PermissionDenied.
    void ask(std::string_view subject, std::string_view body, OnReply done, OnFailure failed,
             Duration timeout = kPatience);

    /// A publish that is answered by an acknowledgement.
    void store(client::Outgoing const& message, std::function<void(StoredAt)> done,
               OnFailure failed);

    /// A request of which the answer is no JSON: the stored message itself, or a status.
    void fetch(std::string_view subject, std::string_view body,
               std::function<void(Result<StoredMessagePtr>)> done);

    /// An inbox of its own, for answers of many messages.
    std::string new_inbox();

private:
    void take(client::Reply const& reply, OnReply const& done, OnFailure const& failed);
    void fail_later(Error error, OnFailure failed);

    World& world_;
    client::Client& client_;
    std::shared_ptr<bool> const alive_ = std::make_shared<bool>(true);
};

/// The status of a message that is one, such as 404; 0: it is none.
int status_of(std::string_view headers);
/// The text behind it.
std::string status_text(std::string_view headers);

/// A message as direct get sends it: what JetStream added to the headers tells where it lies.
/// Errors: Malformed, NotFound (a status instead of a message).
Result<StoredMessagePtr> read_direct(std::string_view headers, std::string_view payload);
/// How many more match after it, as batches tell.
std::optional<std::uint64_t> pending_after(std::string_view headers);
/// As STREAM.MSG.GET tells it. Errors: Malformed.
Result<StoredMessagePtr> read_got(Json const& document);

}  // namespace signalbox::host
