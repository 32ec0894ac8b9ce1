#include "engine/native/timer_queue.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace signalbox::native {

world::TimerId TimerQueue::call_at(Instant when, world::Task task) {
    Tasks::Id const slot = tasks_.insert(std::move(task));
    world::TimerId const id{slot.index, slot.generation};
    heap_.push_back({when, next_number_++, id});
    std::ranges::push_heap(heap_, Later{});
    arm();
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

void TimerQueue::arm() {
    if (heap_.empty() || (armed_ && armed_for_ <= heap_.front().when)) {
        return;
    }
    armed_ = true;
    armed_for_ = heap_.front().when;
    timer_.expires_at(std::chrono::steady_clock::time_point(
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(
            armed_for_.since_origin())));
    timer_.async_wait([this](asio::error_code const& error) {
        if (!error) {
            armed_ = false;
            fire();
        }
    });
}

void TimerQueue::fire() {
    // The loop's reading may be from before the wait ended.
    Instant const now = std::max(loop_.now(), armed_for_);
    while (!heap_.empty() && heap_.front().when <= now) {
        std::ranges::pop_heap(heap_, Later{});
        world::TimerId const id = heap_.back().id;
        heap_.pop_back();
        if (tasks_.find(slot_of(id)) != nullptr) {
            world::Task const task = tasks_.take(slot_of(id));
            task();
        }
    }
    arm();
}

}  // namespace signalbox::native
