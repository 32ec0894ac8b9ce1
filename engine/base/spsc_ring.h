#pragma once

#include "engine/base/check.h"

#include <atomic>
#include <cstddef>
#include <utility>
#include <vector>

namespace signalbox::base {

/// A bounded queue from one thread to one other; neither waits. When it is full, the newest value
/// is refused and counted.
template <class T>
class SpscRing {
public:
    /// `capacity` must be a power of two.
    explicit SpscRing(std::size_t capacity) : slots_(capacity), mask_(capacity - 1) {
        CHECK(capacity > 0 && (capacity & mask_) == 0);
    }

    /// The writer's side. False, and one more dropped, when there is no room.
    bool push(T value) {
        T* slot = claim();
        if (slot == nullptr) {
            return false;
        }
        *slot = std::move(value);
        publish();
        return true;
    }

    /// The writer's side, in place: the slot to fill, whose old content may be reused, or none and
    /// one more dropped. `publish` hands it over.
    T* claim() {
        std::size_t const head = head_.load(std::memory_order_relaxed);
        if (head - seen_tail_ > mask_) {
            seen_tail_ = tail_.load(std::memory_order_acquire);
            if (head - seen_tail_ > mask_) {
                dropped_.store(dropped_.load(std::memory_order_relaxed) + 1,
                               std::memory_order_relaxed);
                return nullptr;
            }
        }
        return &slots_[head & mask_];
    }
    void publish() {
        head_.store(head_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    }

    /// The reader's side: the oldest value, or none. Lasts until `pop`.
    T* front() {
        std::size_t const tail = tail_.load(std::memory_order_relaxed);
        if (tail == seen_head_) {
            seen_head_ = head_.load(std::memory_order_acquire);
            if (tail == seen_head_) {
                return nullptr;
            }
        }
        return &slots_[tail & mask_];
    }
    void pop() {
        tail_.store(tail_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    }

    /// How many were refused so far; any thread may ask.
    std::size_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

private:
    std::vector<T> slots_;
    std::size_t mask_;

    alignas(64) std::atomic<std::size_t> head_{0};
    std::size_t seen_tail_ = 0;  ///< The writer's last look at `tail_`.
    std::atomic<std::size_t> dropped_{0};

    alignas(64) std::atomic<std::size_t> tail_{0};
    std::size_t seen_head_ = 0;  ///< The reader's last look at `head_`.
};

}  // namespace signalbox::base
