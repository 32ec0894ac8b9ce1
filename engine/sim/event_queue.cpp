#include "engine/sim/event_queue.h"

#include <algorithm>

namespace signalbox::sim {

EventQueue::Id EventQueue::at(Instant when, world::Task task) {
    Id const id = tasks_.insert(std::move(task));
    heap_.push_back({std::max(when, now_), scheduled_++, id});
    std::ranges::push_heap(heap_, std::less<>());
    return id;
}

void EventQueue::cancel(Id id) {
    // Its entry stays in the heap until its time, and finds nothing.
    if (tasks_.find(id) != nullptr) {
        tasks_.take(id);
    }
}

bool EventQueue::run_next(Instant until) {
    while (!heap_.empty() && heap_.front().when <= until) {
        Entry const entry = heap_.front();
        std::ranges::pop_heap(heap_, std::less<>());
        heap_.pop_back();
        if (tasks_.find(entry.id) == nullptr) {
            continue;
        }
        world::Task const task = tasks_.take(entry.id);
        now_ = entry.when;
        ++events_run_;
        task();
        return true;
    }
    return false;
}

void EventQueue::run_until(Instant until) {
    while (run_next(until)) {
    }
    now_ = std::max(now_, until);
}

void EventQueue::clear() {
    // What a task holds may schedule more as it goes.
    while (!heap_.empty()) {
        Entry const entry = heap_.back();
        heap_.pop_back();
        if (tasks_.find(entry.id) != nullptr) {
            world::Task const forgotten = tasks_.take(entry.id);
        }
    }
}

}  // namespace signalbox::sim
