#include "engine/native/timer_queue.h"

#include <algorithm>
#include <utility>

namespace signalbox::native {

world::TimerId TimerQueue::call_at(Instant when, world::Task task) {
    Tasks::Id const slot = tasks_.insert(std::move(task));
    world::TimerId const id{slot.index, slot.generation};
    heap_.push_back({when, next_number_++, id});
    std::ranges::push_heap(heap_, Later{});
    return id;
}

void TimerQueue::cancel(world::TimerId id) {
    if (tasks_.find(slot_of(id)) == nullptr) {
        return;
    }
    tasks_.take(slot_of(id));
    // Cancelled entries stay in the heap until their time, or until they are the larger part.
    if (heap_.size() > 64 && heap_.size() > tasks_.size() * 2) {
        drop_cancelled();
    }
}

void TimerQueue::drop_cancelled() {
    std::erase_if(heap_, [&](Entry const& e) { return tasks_.find(slot_of(e.id)) == nullptr; });
    std::ranges::make_heap(heap_, Later{});
}

std::optional<Instant> TimerQueue::next_deadline() const {
    return heap_.empty() ? std::nullopt : std::optional(heap_.front().when);
}

void TimerQueue::run_due(Instant now) {
    // What is asked for meanwhile, even for now, has the next turn.
    std::uint64_t const newest = next_number_;
    while (!heap_.empty() && heap_.front().when <= now && heap_.front().number < newest) {
        std::ranges::pop_heap(heap_, Later{});
        world::TimerId const id = heap_.back().id;
        heap_.pop_back();
        if (tasks_.find(slot_of(id)) != nullptr) {
            world::Task const task = tasks_.take(slot_of(id));
            task();
        }
    }
}

}  // namespace signalbox::native
