#pragma once

#include "engine/base/text.h"
#include "engine/protocol/peer_op.h"

#include <string>
#include <string_view>

namespace signalbox::protocol {

/// How a message to another server begins: `RMSG account subject`. With an `origin`, that of the
/// leaf node it came by, it is an LMSG on routes.
void append_message_head(std::string& out, PeerForm const& form, bool with_headers,
                         std::string_view origin, std::string_view account,
                         std::string_view subject);

/// What follows, up to the payload: the reply, the queue groups that are to be served (their names
/// with blanks between, or none) and the sizes. `header_bytes` is written when there are headers,
/// and also without where the head has an origin.
void append_message_rest(std::string& out, std::string_view reply, std::string_view queues,
                         bool two_sizes, std::size_t header_bytes, std::size_t total_bytes);

/// Whole lines: RS+, RS-, LS+, LS-. What `form` leaves out of a line is not written.
void append_interest(std::string& out, PeerForm const& form, PeerInterest const& interest);
void append_no_interest(std::string& out, PeerForm const& form, PeerInterest const& interest);

}  // namespace signalbox::protocol
