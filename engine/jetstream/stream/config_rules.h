#pragma once

#include "engine/config/jetstream_options.h"
#include "engine/jetstream/error/api_error.h"
#include "engine/jetstream/stream/stream_config.h"

#include <functional>
#include <optional>
#include <string_view>

namespace signalbox::jetstream {

/// What a configuration is judged by beside itself.
struct ConfigSurroundings {
    Duration longest_duplicate_window{0};  ///< Of the server; 0: any.
    config::JetStreamTier const& limits;   ///< Of the account.
    /// A stream of the same account; null: there is none of that name.
    std::function<StreamConfig const*(std::string_view name)> find;
};

/// Puts in what was not said, and refuses what cannot be; `pedantic` also what would be put right.
/// An echo of the result is accepted unchanged.
std::optional<ApiError> settle(StreamConfig& config, bool pedantic,
                               ConfigSurroundings const& around);

/// Whether a stream that is `old` can become `now`, which is settled; what sealing brings along is
/// put in.
std::optional<ApiError> check_update(StreamConfig const& old, StreamConfig& now);

}  // namespace signalbox::jetstream
