#pragma once

#include "engine/base/logger.h"
#include "engine/config/options.h"
#include "engine/connection/connection_table.h"
#include "engine/world/world.h"

#include <functional>

namespace signalbox::server {

/// Empties a server before it stops: its clients are told, have a time of grace, and are closed one
/// by one over the rest of the time, so that they do not all arrive elsewhere at once.
class LameDuck {
public:
    /// Begins at once. `empty` is called when no client is left, never from within this call, and
    /// may destroy this. All but `times` outlive it.
    LameDuck(World& world, Logger& log, connection::ConnectionTable& connections,
             config::LameDuck const& times, std::function<void()> empty);
    /// Gives up; what is not closed stays.
    ~LameDuck();

    LameDuck(LameDuck const&) = delete;
    LameDuck& operator=(LameDuck const&) = delete;

private:
    void begin_closing();
    void close_one();
    void call_after(Duration time, void (LameDuck::*what)());

    World& world_;
    Logger& log_;
    connection::ConnectionTable& connections_;
    config::LameDuck times_;
    std::function<void()> empty_;
    Duration interval_{0};  ///< Between two closings, at most.
    world::TimerId timer_;
};

}  // namespace signalbox::server
