#pragma once

#include "engine/base/result.h"
#include "engine/jetstream/stream/message_reader.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::jetstream {

/// What a direct get asks for: one message, a run of them, or the newest of several subjects.
struct DirectRequest {
    MessageQuery one;
    std::uint64_t batch = 0;      ///< More than 0: so many messages.
    std::uint64_t max_bytes = 0;  ///< Of a batch; 0: as many as a reader may have waiting.
    std::vector<std::string> multi;
    std::uint64_t up_to_sequence = 0;
    std::optional<WallTime> up_to_time;

    bool is_batch() const { return batch > 0 && multi.empty(); }
};

/// Reads the payload of a request. Errors: Malformed, InvalidArgument (what is asked for cannot be
/// asked for together), NotFound (nothing is asked for).
Result<DirectRequest> read_direct_request(std::string_view payload);

}  // namespace signalbox::jetstream
