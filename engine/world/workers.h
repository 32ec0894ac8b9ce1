#pragma once

#include "engine/world/timers.h"

namespace signalbox::world {

/// Computes elsewhere what would hold up the engine's thread, such as a password hash.
class Workers {
public:
    virtual ~Workers() = default;

    /// Runs `job` elsewhere, then `done` on the engine's thread, never from within this call. The
    /// job touches nothing that the engine's thread touches before `done`. False, and neither is
    /// called, when too many are waiting already.
    virtual bool run(Task job, Task done) = 0;
};

}  // namespace signalbox::world
