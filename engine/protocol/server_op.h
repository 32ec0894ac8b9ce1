#pragma once

#include "engine/base/bytes.h"

#include <optional>
#include <string_view>
#include <variant>

namespace signalbox::protocol {

/// INFO: what the server says of itself, as JSON.
struct InfoOp {
    Bytes json;
};

/// MSG and HMSG: a message for a subscription. `headers` is the block as it was sent, with its
/// version line and its empty last line; it is empty for MSG.
struct MessageOp {
    std::string_view subject;
    std::string_view sid;
    std::string_view reply;
    Bytes headers;
    Bytes payload;
};

struct PingOp {};
struct PongOp {};
struct OkOp {};

/// -ERR: the text without its quotes.
struct ErrorOp {
    std::string_view text;
};

/// What a server can say to a client. All views are into the parser's bytes.
using ServerOp = std::variant<InfoOp, MessageOp, PingOp, PongOp, OkOp, ErrorOp>;

/// The code in the version line of a header block, such as 503 in `NATS/1.0 503`; none when the
/// line has none, as those of ordinary messages.
std::optional<int> status_of(Bytes headers);

}  // namespace signalbox::protocol
