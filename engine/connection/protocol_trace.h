#pragma once

#include "engine/base/logger.h"
#include "engine/config/options.h"
#include "engine/message/message.h"
#include "engine/message/subscription.h"
#include "engine/protocol/client_op.h"

#include <cstdint>
#include <string_view>

namespace signalbox::connection {

// Protocol lines in the log, as tools that read the reference's expect them: `<<-` came in, `->>`
// went out, `<->` happened here. Secrets never get this far.

/// A line that came in, of these parts.
template <class... Parts>
void trace_in(Logger& log, std::uint64_t cid, Parts const&... parts) {
    LOG(log, Trace, "cid:", cid, " - <<- [", parts..., "]");
}

inline void trace_out(Logger& log, std::uint64_t cid, std::string_view line) {
    LOG(log, Trace, "cid:", cid, " - ->> [", line, "]");
}

/// The last delivery of a subscription with a maximum.
inline void trace_delivered_all(Logger& log, std::uint64_t cid, std::string_view sid) {
    LOG(log, Trace, "cid:", cid, " - <-> [DELSUB ", sid, "]");
}

/// The CONNECT with its secrets left out.
void trace_connect(Logger& log, std::uint64_t cid, std::string_view json);

void trace_publish(Logger& log, std::uint64_t cid, protocol::Publish const& message,
                   config::Logging const& logging);

void trace_delivery(Logger& log, std::uint64_t cid, message::Subscription const& subscription,
                    message::MessageRun const& run, message::MessageView const& message);

}  // namespace signalbox::connection
