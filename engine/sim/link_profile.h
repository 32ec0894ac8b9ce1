#pragma once

#include "engine/base/time.h"

#include <cstddef>
#include <cstdint>

namespace signalbox::sim {

/// How the way between two machines is, in each direction.
struct LinkProfile {
    Duration latency = base::microseconds(200);
    Duration jitter{0};                  ///< Added to the latency, from nothing up to this.
    std::uint64_t bytes_per_second = 0;  ///< 0: no bound.
    /// How much may be on its way and unread before a send takes less than it is given.
    std::size_t window = std::size_t{256} << 10;
    std::uint32_t cuts_per_hundred = 0;  ///< How often a send arrives in pieces.
    std::size_t largest_piece = 0;       ///< No piece is larger; 0: no bound.
};

}  // namespace signalbox::sim
