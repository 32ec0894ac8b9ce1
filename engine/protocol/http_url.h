#pragma once

#include "engine/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox::protocol {

/// Where an `http://` or `https://` URL leads.
struct HttpUrl {
    bool secure = false;
    std::string host;  ///< A name or a numeric address, without brackets.
    std::uint16_t port = 0;
    std::string target;     ///< Path and query, as the request line has them; at least `/`.
    std::string authority;  ///< As the header `Host` has it.

    /// Errors: InvalidArgument (another scheme, a user in it, no host, a port that is none).
    static Result<HttpUrl> parse(std::string_view text);
};

}  // namespace signalbox::protocol
