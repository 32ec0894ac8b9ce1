#pragma once

#include "engine/observe/rate.h"

#include <cstdint>
#include <string>

namespace signalbox::observe {

/// What an account holds and moves on one server. In is what its clients sent.
struct AccountRow {
    std::string name;
    std::uint64_t connections = 0;
    std::uint64_t leaf_nodes = 0;
    std::uint64_t total_connections = 0;
    std::uint64_t subscriptions = 0;
    std::uint64_t slow_consumers = 0;
    Rate in_msgs;
    Rate in_bytes;
    Rate out_msgs;
    Rate out_bytes;
};

}  // namespace signalbox::observe
