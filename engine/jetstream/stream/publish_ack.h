#pragma once

#include "engine/jetstream/stream/core_state.h"

#include <string>
#include <string_view>

namespace signalbox::jetstream {

/// What a publisher is told of its message, byte for byte as clients know it.
std::string publish_ack(std::string_view stream, std::string_view domain, Outcome const& outcome);

/// The same of a message that did not get into the stream's log.
std::string publish_refusal(std::string_view stream, std::string_view domain,
                            ApiError const& error);

}  // namespace signalbox::jetstream
