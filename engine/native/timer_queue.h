#pragma once

#include "engine/native/event_loop.h"
#include "engine/world/timers.h"

#include <vector>

namespace signalbox::native {

/// All timers of an engine in one heap; the loop waits no longer than until the first.
class TimerQueue : public world::Timers, private Deadlines {
public:
    explicit TimerQueue(EventLoop& loop) { loop.set_deadlines(*this); }

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

    std::optional<Instant> next_deadline() const override;
    void run_due(Instant now) override;

    static Tasks::Id slot_of(world::TimerId id) { return {id.index, id.generation}; }
    void drop_cancelled();

    std::vector<Entry> heap_;
    Tasks tasks_;
    std::uint64_t next_number_ = 0;
};

}  // namespace signalbox::native
