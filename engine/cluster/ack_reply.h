#pragma once

#include <string_view>

namespace signalbox::cluster {

inline constexpr std::string_view kAckPrefix = "$JS.ACK.";

/// Of what a consumer delivers, the reply names behind an `@` the subject that clients are shown.
struct AckReply {
    std::string_view reply;
    std::string_view shown;  ///< Empty: it names none.
};

inline AckReply split_ack_reply(std::string_view reply) {
    constexpr int kDotsOfAcks = 8;
    if (!reply.starts_with(kAckPrefix)) {
        return {reply, {}};
    }
    int dots = 0;
    for (std::size_t i = 0; i < reply.size(); ++i) {
        if (reply[i] == '.') {
            ++dots;
        } else if (reply[i] == '@' && dots >= kDotsOfAcks) {
            return {reply.substr(0, i), reply.substr(i + 1)};
        }
    }
    return {reply, {}};
}

}  // namespace signalbox::cluster
