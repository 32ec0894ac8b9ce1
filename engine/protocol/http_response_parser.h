#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::protocol {

/// The part of a response that its asker looks at.
struct HttpResponse {
    int status = 0;
    std::string content_type;
    std::string body;
};

/// Turns the bytes of one answer into it (RFC 9112), as a client does that asks once and then
/// closes. Knows no socket and no clock; how the bytes were cut on the way is invisible.
class HttpResponseParser {
public:
    /// A body of more than `body_limit` bytes is refused.
    explicit HttpResponseParser(std::uint64_t body_limit) : body_limit_(body_limit) {}

    void feed(Bytes bytes) { buffer_.append(bytes); }

    /// The peer sends no more: what ends with the connection is complete.
    void finish() { finished_ = true; }

    /// The response once it is whole, or nullopt when it needs more bytes. Not called again after
    /// it was there. Errors: Malformed (also when the peer finished too early), LimitExceeded; both
    /// last.
    Result<std::optional<HttpResponse>> next();

private:
    enum class State {
        StatusLine,
        Fields,
        Body,       ///< Of a length that was announced.
        BodyToEnd,  ///< As long as the peer sends.
        ChunkSize,
        Chunk,
        ChunkEnd,
        Trailers,
        Whole,
    };

    /// Whether it got on; false when it needs more bytes.
    Result<bool> step();
    std::optional<std::string_view> take_line();
    Result<bool> read_status(std::string_view line);
    Result<bool> read_field(std::string_view line);
    Result<bool> begin_body();
    Result<bool> begin_chunk(std::string_view line);
    Result<bool> take_body();

    std::uint64_t body_limit_;
    std::string buffer_;
    std::size_t taken_ = 0;
    State state_ = State::StatusLine;
    std::optional<std::uint64_t> length_;
    bool chunked_ = false;
    std::uint64_t left_ = 0;  ///< Of the body, or of its chunk.
    HttpResponse response_;
    bool finished_ = false;
};

}  // namespace signalbox::protocol
