#pragma once

#include "engine/base/result.h"
#include "engine/protocol/server_op.h"

#include <cstddef>
#include <optional>
#include <string>

namespace signalbox::protocol {

/// How much a client lets a server make it hold.
struct ServerParserLimits {
    std::size_t max_line = std::size_t{1} << 20;    ///< INFO names every server of a cluster.
    std::size_t max_frame = std::size_t{64} << 20;  ///< Headers and payload of one message.
};

/// Turns the bytes a server sent into operations.
///
/// Knows no socket and no clock: the owner feeds bytes as they arrive and takes whole operations
/// out until there are none. How the bytes were cut on the way is invisible.
class ServerParser {
public:
    explicit ServerParser(ServerParserLimits limits = {}) : limits_(limits) {}

    /// `bytes` need only last until `next` has answered nullopt: what is left then is copied.
    void feed(Bytes bytes);

    /// The next whole operation, or nullopt when it needs more bytes.
    ///
    /// Views last until the next call of either function.
    /// Errors: Malformed (not the protocol), LimitExceeded. Every later call answers the same.
    Result<std::optional<ServerOp>> next();

private:
    /// What stands at the front of the bytes: its operation, and how many of them it took.
    struct Frame {
        ServerOp op;
        std::size_t size = 0;
    };

    Bytes rest() const;
    Result<std::optional<Frame>> parse(Bytes bytes);
    Result<std::optional<Frame>> parse_message(Bytes bytes, std::size_t line_size,
                                               std::string_view arguments, bool with_headers);
    void keep_rest();

    ServerParserLimits limits_;
    std::string kept_;          ///< A partial frame and what followed it.
    Bytes fed_;                 ///< The caller's bytes, while nothing is kept.
    std::size_t taken_ = 0;     ///< Of the bytes in use, already given out.
    std::size_t needed_ = 0;    ///< No frame can be whole with fewer bytes than this.
    std::size_t searched_ = 0;  ///< No line ends before this.
    std::optional<Error> failed_;
};

}  // namespace signalbox::protocol
