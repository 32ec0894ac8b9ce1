#pragma once

#include "engine/base/bytes.h"
#include "engine/base/time.h"

#include <cstdint>
#include <limits>
#include <string_view>

namespace signalbox::store {

/// A message's position in its stream, from 1.
using Sequence = std::uint64_t;

constexpr Sequence kLastSequence = std::numeric_limits<Sequence>::max();

/// A message as a stream keeps it. All views: whose, says who hands it out.
struct StoredMessage {
    Sequence sequence = 0;
    WallTime time;
    std::string_view subject;
    Bytes headers;  ///< The whole header block with its status line; empty when there is none.
    Bytes payload;
};

/// Where a stream keeps its messages.
enum class Medium : std::uint8_t {
    File,
    Memory,
};

/// What a message counts for in limits and in `StoreState::bytes`: the reference's figures, which
/// clients and operators know, and not what it takes up here.
inline std::uint64_t counted_size(StoredMessage const& message, Medium medium) {
    std::uint64_t const bytes =
        message.subject.size() + message.headers.size() + message.payload.size();
    if (medium == Medium::Memory) {
        return bytes + 16;
    }
    return bytes + 30 + (message.headers.empty() ? 0 : 4);
}

}  // namespace signalbox::store
