#include "engine/sim/sim_timers.h"

namespace signalbox::sim {

world::TimerId SimTimers::call_at(Instant when, world::Task task) {
    auto const id = waiting_.insert(std::move(task));
    simulation_.at(clock_.true_time(when), node_, [this, id] {
        if (waiting_.find(id) != nullptr) {
            world::Task const due = waiting_.take(id);
            due();
        }
    });
    return {id.index, id.generation};
}

void SimTimers::cancel(world::TimerId id) {
    base::SlotId<world::Task> const mine{id.index, id.generation};
    // The event stays in the queue and finds nothing, also when the process is paused meanwhile.
    if (waiting_.find(mine) != nullptr) {
        waiting_.take(mine);
    }
}

}  // namespace signalbox::sim
