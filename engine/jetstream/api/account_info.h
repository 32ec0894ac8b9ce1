#pragma once

#include "engine/base/json_writer.h"
#include "engine/config/jetstream_options.h"
#include "engine/jetstream/jetstream.h"

namespace signalbox::jetstream {

/// What an account uses and may use, within an object that the caller opened.
void write_account_info(JsonWriter& json, JetStream const& jetstream,
                        AccountStreams const& account);

/// The object of an account's limits; none known: all zero.
void write_limits(JsonWriter& json, config::JetStreamTier const& limits);

}  // namespace signalbox::jetstream
