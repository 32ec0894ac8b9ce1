#pragma once

#include "engine/base/counter.h"

namespace signalbox::observe {

/// What one server has done and holds. Written by the engine's thread, read by any.
struct alignas(64) ServerCounters {
    Counter in_msgs;
    Counter in_bytes;  ///< Payload and headers.
    Counter out_msgs;
    Counter out_bytes;
    Counter connections;
    Counter total_connections;
    Counter subscriptions;
    Counter slow_consumers;
    Counter stale_connections;
    Counter stalled_clients;
    Counter auth_failures;
    Counter auth_holds;   ///< How often attempts from an address or on a name began to wait.
    Counter auth_delays;  ///< Attempts that had to wait, or were refused, after many failures.
};

}  // namespace signalbox::observe
