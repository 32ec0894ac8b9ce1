#pragma once

#include "engine/base/bytes.h"

#include <string>
#include <string_view>

namespace signalbox::protocol {

inline constexpr std::string_view kOk = "+OK\r\n";
inline constexpr std::string_view kPing = "PING\r\n";
inline constexpr std::string_view kPong = "PONG\r\n";

/// `-ERR '<text>'\r\n`
std::string error_line(std::string_view text);

/// The answer to a request nobody listens for: an HMSG on the requester's own subscription, with
/// status 503 and the subject that was asked.
std::string no_responders_frame(std::string_view reply, std::string_view sid,
                                std::string_view subject);

}  // namespace signalbox::protocol
