#pragma once

#include "engine/native/event_loop.h"
#include "engine/world/timers.h"

#include <asio.hpp>

#include <vector>

namespace signalbox::native {

/// All timers of an engine in one heap, with one of the operating system's behind them.
class TimerQueue : public world::Timers {
public:
    explicit TimerQueue(EventLoop& loop) : loop_(loop), timer_(loop.io()) {}

    world::TimerId call_at(Instant when, world::Task task) override;
    void cancel(world::TimerId id) override;

private:
    struct Entry {
        Instant when;
        std::uint64_t number = 0;  ///< Of equal times, the earlier asked for comes first.
        world::TimerId id;
    };
    struct Later {
        bool operator()(Entry const& a, Entry const& b) const {
            return a.when != b.when ? a.when > b.when : a.number > b.number;
        }
    };
    using Tasks = base::SlotMap<world::Task>;

    static Tasks::Id slot_of(world::TimerId id) { return {id.index, id.generation}; }
    void arm();
    void fire();
    void drop_cancelled();

    EventLoop& loop_;
    asio::steady_timer timer_;
    std::vector<Entry> heap_;
    Tasks tasks_;
    Instant armed_for_;
    bool armed_ = false;
    std::uint64_t next_number_ = 0;
};

}  // namespace signalbox::native
