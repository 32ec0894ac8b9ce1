#pragma once

#include "engine/base/json_writer.h"
#include "engine/jetstream/consumer/consumer.h"

#include <string_view>

namespace signalbox::jetstream {

/// Writes what is told of a consumer, within an object that the caller opened. `server`: see
/// `write_consumer_config`.
void write_consumer_info(JsonWriter& json, Consumer const& consumer, std::string_view stream,
                         ServerMetadata const& server, WallTime now);

}  // namespace signalbox::jetstream
