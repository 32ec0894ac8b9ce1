#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox::protocol {

struct HttpLimits {
    std::size_t line_bytes = 8'192;      ///< Of the request line, without its end.
    std::size_t headers_bytes = 65'536;  ///< Of all header lines together.
    std::size_t fields = 128;
    std::uint64_t body_bytes = 1'048'576;
};

/// The part of a request that a server of documents looks at: all but the body, which is skipped.
struct HttpRequest {
    using Field = std::pair<std::string, std::string>;

    std::string method;
    std::string path;           ///< Percent-decoded; `*` for a request of the server as such.
    std::vector<Field> query;   ///< Decoded, in order; malformed parts are left out.
    std::vector<Field> fields;  ///< The header fields, names in lower case, values trimmed.
    bool version_1_0 = false;
    bool keep_alive = true;

    /// The first parameter of that name, or nothing.
    std::optional<std::string_view> parameter(std::string_view name) const;
    /// The first header field of that name in lower case, or nothing.
    std::optional<std::string_view> field(std::string_view name) const;
};

/// Turns the bytes of one HTTP/1.0 or HTTP/1.1 connection into requests (RFC 9112), as a server
/// does that never looks at bodies: those that announce a length are skipped, others refused.
///
/// Knows no socket and no clock: the owner feeds bytes as they arrive and takes requests out until
/// there are none. How the bytes were cut on the way is invisible. What was fed and not taken is
/// kept, so an owner that is busy answering stops feeding.
class HttpRequestParser {
public:
    explicit HttpRequestParser(HttpLimits limits = {}) : limits_(limits) {}

    void feed(Bytes bytes);

    /// The next request, or nullopt when it needs more bytes.
    ///
    /// Errors: Malformed, LimitExceeded, Unavailable (a form of HTTP that is not spoken here). Each
    /// ends the connection, and every later call answers the same; `refusal_status` is the status
    /// to refuse it with, and the error's detail the sentence.
    Result<std::optional<HttpRequest>> next();

    int refusal_status() const { return refusal_status_; }

    /// Whether a request has begun and is not complete.
    bool is_within_request() const;

    std::size_t buffered() const { return buffer_.size() - taken_; }

private:
    enum class State {
        RequestLine,
        Headers,
        Body,
        Refused
    };

    /// One line without its end, or nullopt when it has not come yet.
    Result<std::optional<std::string_view>> take_line(std::size_t limit, int status_over_limit);
    Result<bool> read_request_line();
    Result<bool> read_header_line();
    Result<void> add_header(std::string_view line);
    Result<void> finish_headers();
    bool skip_body();
    Error refuse(int status, Errc code, std::string_view detail);

    HttpLimits limits_;
    State state_ = State::RequestLine;
    std::string buffer_;
    std::size_t taken_ = 0;    ///< Of the buffer.
    std::size_t scanned_ = 0;  ///< Of the buffer; no line end lies before it.
    std::size_t headers_bytes_ = 0;
    std::uint64_t body_left_ = 0;
    HttpRequest request_;
    int refusal_status_ = 0;
    Errc refusal_code_ = Errc::Malformed;
    std::string refusal_detail_;
};

/// The text with `%hh` read as bytes, and `+` as a blank when asked. Errors: Malformed.
Result<std::string> percent_decoded(std::string_view text, bool plus_is_blank);

}  // namespace signalbox::protocol
