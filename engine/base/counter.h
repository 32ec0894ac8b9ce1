#pragma once

#include <atomic>
#include <cstdint>

namespace signalbox::base {

/// A number that one thread writes and any may read. Adding is a plain load and store, for there is
/// one writer.
class Counter {
public:
    void add(std::uint64_t n) {
        value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
    void set(std::uint64_t n) { value_.store(n, std::memory_order_relaxed); }
    std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

    /// Sets it so that a reader who `acquire`s the value also sees all that was written before.
    void release(std::uint64_t n) { value_.store(n, std::memory_order_release); }
    std::uint64_t acquire() const { return value_.load(std::memory_order_acquire); }

private:
    std::atomic<std::uint64_t> value_{0};
};

}  // namespace signalbox::base

namespace signalbox {
using base::Counter;
}  // namespace signalbox
