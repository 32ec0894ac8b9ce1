#pragma once

#include "engine/base/bytes.h"

#include <optional>
#include <string>
#include <string_view>

namespace signalbox::protocol {

/// What a block of headers begins with, and how it is when it holds none.
inline constexpr std::string_view kHeaderVersion = "NATS/1.0\r\n";

/// What services are told of who asks them; set by servers alone.
inline constexpr std::string_view kRequestInfoHeader = "Nats-Request-Info";

/// One header of a block; views into it, the value without blanks around it.
struct HeaderField {
    std::string_view name;
    std::string_view value;
    std::size_t begin = 0;  ///< Its line in the block, with the line end.
    std::size_t end = 0;
};

/// Walks over the headers of a block as it lies in a message. What is no header is passed over.
class HeaderFields {
public:
    explicit HeaderFields(Bytes block);

    /// The next one; nothing: that was the last.
    std::optional<HeaderField> next();

private:
    Bytes block_;
    std::size_t at_ = 0;
};

/// The first header of that name, letters in the same case; nothing: there is none.
std::optional<std::string_view> find_header(Bytes block, std::string_view name);

/// Letters of either case count as one.
std::optional<std::string_view> find_header_in_any_case(Bytes block, std::string_view name);

/// The block with this header at its end, and without others of that name in any case. An empty
/// block becomes one that holds it alone.
std::string with_header(Bytes block, std::string_view name, std::string_view value);

/// Whether it holds a header that only servers may set.
bool has_server_header(Bytes block);

/// Whether it holds one that asks for the message to be traced; a W3C context is not looked for.
bool has_trace_header(Bytes block);

/// The block without headers that only servers may set.
std::string without_server_headers(Bytes block);

}  // namespace signalbox::protocol
