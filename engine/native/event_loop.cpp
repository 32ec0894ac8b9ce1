#include "engine/native/event_loop.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace signalbox::native {

EventLoop::EventLoop()
    // One thread runs the loop, and only `post` comes from others: no lock is needed around
    // sockets.
    : io_(ASIO_CONCURRENCY_HINT_UNSAFE_IO),
      work_(asio::make_work_guard(io_)),
      read_buffer_(std::make_unique<std::array<char, kReadBuffer>>()) {}

void EventLoop::run() {
    while (!stopping_.load(std::memory_order_acquire)) {
        clocks_read_ = false;
        // Deferred work of the turn before must not wait for the network.
        if (deferred_.empty()) {
            io_.run_one();
        }
        io_.poll();
        run_deferred();
        end_turn();
    }
    stopping_.store(false, std::memory_order_release);
    clocks_read_ = false;
}

void EventLoop::stop() {
    stopping_.store(true, std::memory_order_release);
    asio::post(io_, [] {});
}

void EventLoop::post(world::Task task) {
    asio::post(io_, std::move(task));
}

void EventLoop::add(world::EndOfTurn& listener) {
    listeners_.push_back(&listener);
}

void EventLoop::remove(world::EndOfTurn& listener) {
    std::erase(listeners_, &listener);
}

void EventLoop::defer(world::Task task) {
    deferred_.push_back(std::move(task));
}

void EventLoop::read_clocks_anew() const {
    using std::chrono::duration_cast;
    now_ = Instant(duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
    wall_now_ =
        WallTime(duration_cast<Duration>(std::chrono::system_clock::now().time_since_epoch()));
    clocks_read_ = true;
}

void EventLoop::run_deferred() {
    // What is deferred meanwhile is for the next turn.
    std::deque<world::Task> const tasks = std::exchange(deferred_, {});
    for (world::Task const& task : tasks) {
        task();
    }
}

void EventLoop::end_turn() {
    for (world::EndOfTurn* const listener : listeners_) {
        listener->end_of_turn();
    }
}

}  // namespace signalbox::native
