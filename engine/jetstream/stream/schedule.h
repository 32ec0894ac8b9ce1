#pragma once

#include "engine/jetstream/error/api_error.h"
#include "engine/jetstream/stream/publish_headers.h"
#include "engine/jetstream/stream/stream_command.h"
#include "engine/jetstream/stream/stream_config.h"

#include <optional>

namespace signalbox::jetstream {

/// Whether what the message says of schedules can be.
std::optional<ApiError> check_schedule(StreamConfig const& config, PublishCommand const& message,
                                       PublishHeaders const& headers);

}  // namespace signalbox::jetstream
