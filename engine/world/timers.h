#pragma once

#include "engine/base/slot_map.h"
#include "engine/base/time.h"

#include <functional>

namespace signalbox::world {

/// Something to do later, on the engine's thread. It runs to completion and does not block.
using Task = std::function<void()>;

using TimerId = base::SlotId<struct Timer>;

/// Calls back at a time.
class Timers {
public:
    virtual ~Timers() = default;

    /// Calls `task` once, at `when` or soon after, never from within this call.
    virtual TimerId call_at(Instant when, Task task) = 0;

    /// The task will not be called. An id that was called or cancelled already changes nothing.
    virtual void cancel(TimerId id) = 0;
};

}  // namespace signalbox::world
