#pragma once

#include "engine/cluster/peer_connection.h"
#include "engine/message/recipient.h"

#include <string>
#include <string_view>

namespace signalbox::cluster {

/// Writes messages of one account to another server.
class MessageWriter {
public:
    /// What the peer said that it understands.
    struct Understands {
        bool headers = true;
        bool origins = false;  ///< LMSG, of a route.
    };

    /// `account` outlasts it; empty where lines name none.
    MessageWriter(PeerConnection& connection, std::string_view account)
        : connection_(connection), account_(account) {}

    /// The whole run, each message with the queue groups that it names.
    message::Delivery write(message::MessageRun const& run, Understands peer);

private:
    void begin(message::MessageRun const& run, bool with_headers, std::string_view origin);
    void write_as_it_came(message::MessageView const& message, std::string_view queues);
    void write_anew(message::MessageRun const& run, message::MessageView const& message,
                    bool with_headers, bool with_origin);

    PeerConnection& connection_;
    std::string_view account_;
    std::string head_;  ///< `RMSG account subject`, as the last run had it.
    std::string head_subject_;
    std::string head_origin_;
    bool head_with_headers_ = false;
};

}  // namespace signalbox::cluster
