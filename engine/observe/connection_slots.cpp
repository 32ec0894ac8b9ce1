#include "engine/observe/connection_slots.h"

#include "engine/base/check.h"

namespace signalbox::observe {

std::uint32_t ConnectionSlots::take(std::uint64_t cid) {
    CHECK(cid != 0);
    if (free_.empty()) {
        slots_.append();
        slots_.publish();
        free_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
    }
    std::uint32_t const slot = free_.back();
    free_.pop_back();
    ConnectionCounters& counters = slots_[slot];
    for (Counter* counter : {&counters.in_msgs, &counters.in_bytes, &counters.out_msgs,
                             &counters.out_bytes, &counters.pending_bytes, &counters.subscriptions,
                             &counters.last_activity, &counters.rtt, &counters.stalls}) {
        counter->set(0);
    }
    // Last, so that who sees the new cid sees none of the old figures.
    counters.cid.release(cid);
    return slot;
}

void ConnectionSlots::release(std::uint32_t slot) {
    CHECK(slots_[slot].cid.get() != 0);
    slots_[slot].cid.set(0);
    free_.push_back(slot);
}

}  // namespace signalbox::observe
