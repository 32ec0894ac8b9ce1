#pragma once

#include "engine/base/time.h"

#include <cstdint>
#include <string>

namespace signalbox::observe {

/// What a server says of itself, which changes rarely.
struct ServerFacts {
    std::uint32_t server = 0;
    std::string name;
    std::string id;
    std::string host;        ///< Where clients connect.
    std::uint16_t port = 0;  ///< 0 until it listens.
    std::string monitoring;  ///< The URL of the monitoring listener; empty: none.
    bool ready = false;
    WallTime start;
    std::uint64_t max_pending = 0;  ///< What a connection may leave pending; 0: not known.
};

}  // namespace signalbox::observe
