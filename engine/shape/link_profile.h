#pragma once

#include "engine/base/time.h"

#include <cstdint>

namespace signalbox::shape {

/// What a way to a peer adds to what the network below is, in both directions.
struct LinkProfile {
    Duration latency{0};                 ///< One way.
    Duration jitter{0};                  ///< Added to the latency, from nothing up to this.
    std::uint64_t bytes_per_second = 0;  ///< 0: no bound.

    bool plain() const {
        return latency.count() == 0 && jitter.count() == 0 && bytes_per_second == 0;
    }
    friend bool operator==(LinkProfile const&, LinkProfile const&) = default;
};

/// A way to a peer, and whether it is cut in either direction. What was sent on a way that is cut
/// waits, and arrives once it is open again, as with TCP.
struct Way {
    LinkProfile profile;
    bool blocked_out = false;  ///< Nothing from here arrives there.
    bool blocked_in = false;   ///< Nothing from there arrives here.

    friend bool operator==(Way const&, Way const&) = default;
};

}  // namespace signalbox::shape
