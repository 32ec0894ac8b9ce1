#pragma once

#include "engine/world/clock.h"
#include "engine/world/disk.h"
#include "engine/world/entropy.h"
#include "engine/world/network.h"
#include "engine/world/timers.h"
#include "engine/world/turn.h"
#include "engine/world/workers.h"

namespace signalbox::world {

/// All that the broker can learn of the outside, and do to it. Everything is called on one thread.
class World {
public:
    virtual ~World() = default;

    virtual Clock& clock() = 0;
    virtual Timers& timers() = 0;
    virtual Network& network() = 0;
    virtual Disk& disk() = 0;
    virtual Entropy& entropy() = 0;
    virtual Workers& workers() = 0;
    virtual Turn& turn() = 0;

    /// The number and name of this process, for pid and ports files and log lines.
    virtual std::uint64_t process_id() const = 0;
    virtual std::string const& program_name() const = 0;

    /// What this process uses, for monitoring.
    struct Usage {
        std::uint64_t resident_bytes = 0;
        Duration cpu_time{0};  ///< User and system, since the process began.
        unsigned cores = 1;
    };
    virtual Usage usage() const = 0;
};

}  // namespace signalbox::world

namespace signalbox {
using world::World;
}  // namespace signalbox
