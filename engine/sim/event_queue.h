#pragma once

#include "engine/base/slot_map.h"
#include "engine/base/time.h"
#include "engine/world/timers.h"

#include <cstdint>
#include <vector>

namespace signalbox::sim {

/// All that will happen in a run, and the virtual time. The order of two events is that of their
/// times and then of their numbers: the only source of order there is.
class EventQueue {
public:
    using Id = base::SlotId<world::Task>;

    /// The time of the event that is happening, or of the last one.
    Instant now() const { return now_; }

    /// A time that has passed means now; never runs `task` from within this call.
    Id at(Instant when, world::Task task);
    Id after(Duration wait, world::Task task) { return at(now_ + wait, std::move(task)); }

    /// An id whose event has happened changes nothing.
    void cancel(Id id);

    /// Lets the next event happen, if there is one at or before `until`.
    bool run_next(Instant until);

    /// Lets all events up to `until` happen; then it is that time.
    void run_until(Instant until);

    /// Forgets all that was to happen; what tasks hold is destroyed.
    void clear();

    std::size_t size() const { return tasks_.size(); }
    std::uint64_t events_run() const { return events_run_; }

private:
    struct Entry {
        Instant when;
        std::uint64_t number = 0;
        Id id;

        /// For a heap whose front is the earliest.
        friend bool operator<(Entry const& a, Entry const& b) {
            return a.when != b.when ? a.when > b.when : a.number > b.number;
        }
    };

    /// A time of zero would look like one that was never set.
    Instant now_{base::seconds(1)};
    std::vector<Entry> heap_;
    base::SlotMap<world::Task> tasks_;
    std::uint64_t scheduled_ = 0;
    std::uint64_t events_run_ = 0;
};

}  // namespace signalbox::sim
