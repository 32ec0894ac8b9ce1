#pragma once

#include "engine/base/time.h"

namespace signalbox::world {

/// What time it is. Both readings may be as old as the current turn.
class Clock {
public:
    virtual ~Clock() = default;

    /// For intervals and deadlines; never goes back.
    virtual Instant now() const = 0;

    /// For what people and peers read; may jump.
    virtual WallTime wall_now() const = 0;
};

}  // namespace signalbox::world
