#pragma once

#include "engine/world/clock.h"
#include "engine/world/turn.h"

#include <asio.hpp>

#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <vector>

namespace signalbox::native {

/// The engine thread's loop: waits until something is ready, deals with all that is, then ends the
/// turn. Also the clock, which is read once a turn, by who asks first.
class EventLoop : public world::Turn, public world::Clock {
public:
    /// One read buffer serves all connections, for what is parsed in it is done with before the
    /// next read.
    static constexpr std::size_t kReadBuffer = 256 * 1024;

    EventLoop();

    EventLoop(EventLoop const&) = delete;
    EventLoop& operator=(EventLoop const&) = delete;

    /// Until `stop`, and may be run again after. On the thread that owns all that is registered
    /// here.
    void run();

    /// Any thread may call these two.
    void stop();
    void post(world::Task task);

    asio::io_context& io() { return io_; }
    std::array<char, kReadBuffer>& read_buffer() { return *read_buffer_; }

    // world::Turn
    void add(world::EndOfTurn& listener) override;
    void remove(world::EndOfTurn& listener) override;
    void defer(world::Task task) override;

    // world::Clock
    Instant now() const override {
        read_clocks();
        return now_;
    }
    WallTime wall_now() const override {
        read_clocks();
        return wall_now_;
    }

private:
    /// What the turn before read would be as old as the wait between them was long.
    void read_clocks() const {
        if (!clocks_read_) [[unlikely]] {
            read_clocks_anew();
        }
    }
    void read_clocks_anew() const;
    void run_deferred();
    void end_turn();

    asio::io_context io_;
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::unique_ptr<std::array<char, kReadBuffer>> read_buffer_;
    std::vector<world::EndOfTurn*> listeners_;
    std::deque<world::Task> deferred_;
    mutable Instant now_;
    mutable WallTime wall_now_;
    mutable bool clocks_read_ = false;
    std::atomic<bool> stopping_{false};
};

}  // namespace signalbox::native
