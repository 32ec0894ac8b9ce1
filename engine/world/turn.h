#pragma once

#include "engine/world/timers.h"

namespace signalbox::world {

/// Is called at the end of each turn, when all that was ready has been dealt with.
class EndOfTurn {
public:
    virtual ~EndOfTurn() = default;
    virtual void end_of_turn() = 0;
};

/// The engine's rhythm: a turn deals with all that is ready, then ends. What was written in it
/// leaves at its end, in one piece for each link.
class Turn {
public:
    virtual ~Turn() = default;

    virtual void add(EndOfTurn& listener) = 0;
    virtual void remove(EndOfTurn& listener) = 0;

    /// Runs `task` soon, in order, never from within this call: to leave the stack of a callback.
    virtual void defer(Task task) = 0;
};

}  // namespace signalbox::world
