#pragma once

#include "engine/base/result.h"
#include "engine/config/options.h"

#include <cstdint>
#include <string_view>

namespace signalbox::config {

/// `host:port` as configuration and command line write it; the host may be empty or an IPv6 address
/// in brackets. Errors: InvalidArgument, in the reference's words.
Result<ListenAddress> parse_address(std::string_view text);

/// Whether a port can be listened on: -1 asks for any free one, 0 for the default.
bool is_port(std::int64_t port);

}  // namespace signalbox::config
