#pragma once

#include "engine/base/bytes.h"
#include "engine/base/time.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::protocol {

/// What stands before the body of a response.
struct HttpResponseHead {
    int status = 200;
    std::string_view content_type;
    WallTime date;
    /// None announces a body in chunks, which only HTTP/1.1 has.
    std::optional<std::size_t> content_length;
    bool keep_alive = true;
    bool version_1_0 = false;  ///< Of the request: then keeping alive has to be said.
    /// Further header lines, `Name: value` without line ends.
    std::vector<std::string_view> extra;
};

/// The status line and the header fields, with the empty line that ends them.
std::string http_response_head(HttpResponseHead const& head);

/// Appends `content` as one chunk (RFC 9112, 7.1); nothing when it is empty, for an empty chunk
/// ends the body.
void append_http_chunk(std::string& out, Bytes content);

/// What ends a body in chunks.
inline constexpr std::string_view kLastHttpChunk = "0\r\n\r\n";

/// The phrase that goes with a status, such as `Not Found`; empty for one that is never sent here.
std::string_view http_reason(int status);

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, 5.6.7).
std::string http_date(WallTime time);

}  // namespace signalbox::protocol
