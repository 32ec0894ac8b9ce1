#pragma once

#include "engine/base/json_writer.h"
#include "engine/jetstream/stream/stream.h"
#include "engine/jetstream/stream_copies.h"

#include <cstdint>
#include <string>
#include <vector>

namespace signalbox::jetstream {

/// What of a stream's state is told beside the sums.
struct StateDetails {
    std::string subjects;      ///< Those that this filter matches; empty: none.
    std::uint64_t offset = 0;  ///< Of the subjects, the first so many are left out.
    std::uint64_t limit = 0;   ///< No more subjects than that.
    bool deleted = false;      ///< Which sequences hold no message.
};

/// The object `state`.
void write_state(JsonWriter& json, Stream const& stream, StateDetails const& details);

enum class Metadata : std::uint8_t {
    Stored,
    AsTold,  ///< With what this server adds of itself.
};

/// `config`, `created` and `state`, within an object that the caller opened, and the domain.
void write_stream_info(JsonWriter& json, Stream const& stream, StateDetails const& details,
                       Metadata metadata);

/// `mirror` or `sources`, if the stream copies others; within the same object.
void write_copies(JsonWriter& json, Stream const& stream, std::vector<CopyProgress> const& progress,
                  WallTime now);

}  // namespace signalbox::jetstream
