#pragma once

#include "engine/base/time.h"

#include <cstdint>
#include <string>

namespace signalbox::observe {

/// One captured message, as published.
struct TapRow {
    std::uint64_t number = 0;  ///< Of the matches of this tap, from 1.
    WallTime time;
    std::string account;
    std::uint64_t cid = 0;  ///< The publisher; 0: not known.
    std::string subject;
    std::string reply;
    std::string headers;  ///< The head of the block, `head_bytes` at most.
    std::string payload;  ///< The head of the payload, likewise.
    std::uint64_t header_bytes = 0;
    std::uint64_t payload_bytes = 0;  ///< The true size, without headers.
    std::uint32_t recipients = 0;     ///< Subscriptions it was handed to.

    /// Of a server elsewhere: a subscriber does not learn who else is one.
    static constexpr std::uint32_t kRecipientsUnknown = 0xffffffffU;
};

}  // namespace signalbox::observe
