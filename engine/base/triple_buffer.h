#pragma once

#include <array>
#include <atomic>
#include <utility>

namespace signalbox::base {

/// Holds the latest value one thread has for one other. A newer value replaces an unread one;
/// neither side waits or sees half a value.
template <class T>
class TripleBuffer {
public:
    /// The writer's side.
    void put(T value) {
        slots_[back_] = std::move(value);
        back_ = middle_.exchange(back_ | kFresh, std::memory_order_acq_rel) & kSlot;
    }

    /// The reader's side. The reference lasts until its next call.
    T const& latest() {
        if ((middle_.load(std::memory_order_relaxed) & kFresh) != 0) {
            front_ = middle_.exchange(front_, std::memory_order_acq_rel) & kSlot;
        }
        return slots_[front_];
    }

private:
    static constexpr unsigned kSlot = 3;
    static constexpr unsigned kFresh = 4;  ///< Put and not yet read.

    std::array<T, 3> slots_{};
    unsigned back_ = 0;   ///< The writer's slot, touched by it alone.
    unsigned front_ = 1;  ///< The reader's slot, likewise.
    std::atomic<unsigned> middle_ = 2;
};

}  // namespace signalbox::base
