#pragma once

#include "engine/base/counter.h"

namespace signalbox::observe {

/// What went over one connection. A slot is written by the engine's thread while `cid` is set.
struct alignas(64) ConnectionCounters {
    Counter cid;  ///< 0 while the slot is free.
    Counter in_msgs;
    Counter in_bytes;
    Counter out_msgs;
    Counter out_bytes;
    Counter pending_bytes;
    Counter subscriptions;
    Counter last_activity;  ///< Nanoseconds of the wall clock.
    Counter rtt;            ///< Nanoseconds; 0: not known.
    Counter stalls;
};

}  // namespace signalbox::observe
