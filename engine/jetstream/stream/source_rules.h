#pragma once

#include "engine/jetstream/stream/config_rules.h"

namespace signalbox::jetstream {

/// What holds for the streams that one copies: its mirror and sources.
std::optional<ApiError> check_origins(StreamConfig const& config, ConfigSurroundings const& around);

}  // namespace signalbox::jetstream
