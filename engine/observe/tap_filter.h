#pragma once

#include <cstdint>
#include <string>

namespace signalbox::observe {

/// What a tap captures: a message has to pass every part that is set.
struct TapFilter {
    std::string subject = ">";     ///< A filter, with wildcards.
    std::string account;           ///< Empty: any.
    std::uint64_t connection = 0;  ///< The publisher's cid; 0: any.
    std::uint64_t min_bytes = 0;   ///< Of headers and payload together.
    std::uint64_t max_bytes = 0;   ///< 0: no bound.
    std::string header_contains;
    std::string payload_contains;
    std::uint32_t sample = 1;               ///< One of so many matches is taken.
    std::uint32_t rows_per_second = 5'000;  ///< A bound; matches beyond it are sampled out.
    std::uint32_t head_bytes = 512;         ///< How much of a payload is copied.
};

/// Where the matches of a tap went; always shown beside its rows.
struct TapCounts {
    std::uint64_t matched = 0;
    std::uint64_t sampled_out = 0;
    std::uint64_t dropped = 0;  ///< The ring to the window was full.
};

}  // namespace signalbox::observe
