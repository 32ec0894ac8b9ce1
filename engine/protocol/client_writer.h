#pragma once

#include "engine/base/bytes.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace signalbox::protocol {

/// What a client says of itself in CONNECT. Empty texts are left out.
struct ConnectLine {
    bool verbose = false;
    bool pedantic = false;
    bool echo = true;
    bool headers = true;
    bool no_responders = true;
    int protocol = 1;
    std::string_view name;
    std::string_view lang;
    std::string_view version;
    std::string_view user;
    std::string_view password;
    std::string_view token;
    std::string_view nkey;       ///< A public key.
    std::string_view signature;  ///< Of the nonce, as base64 for URLs.
    std::string_view jwt;
};

/// A message as a client publishes it. With `headers`, a whole block as `header_block` makes it,
/// it goes as HPUB.
struct PublishLine {
    std::string_view subject;
    std::string_view reply;
    Bytes headers;
    Bytes payload;
};

inline constexpr std::string_view kPingLine = "PING\r\n";
inline constexpr std::string_view kPongLine = "PONG\r\n";

/// Each appends one whole operation. Nothing is checked: a subject with a blank in it makes a line
/// that the server refuses.
void append_connect(std::string& out, ConnectLine const& line);
void append_publish(std::string& out, PublishLine const& line);
void append_subscribe(std::string& out, std::string_view filter, std::string_view queue_group,
                      std::uint64_t sid);
/// `max` 0 ends the subscription now, else after so many messages in all.
void append_unsubscribe(std::string& out, std::uint64_t sid, std::uint64_t max);

/// The block of these headers with its version line; empty when there are none. Line ends within a
/// name or value would forge headers, and become blanks.
std::string header_block(std::span<std::pair<std::string, std::string> const> headers);

}  // namespace signalbox::protocol
