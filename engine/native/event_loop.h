#pragma once

#include "engine/base/mutex.h"
#include "engine/base/slot_map.h"
#include "engine/world/clock.h"
#include "engine/world/turn.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace signalbox::native {

/// What a file descriptor is watched for.
enum class Readiness : std::uint8_t {
    None,
    Readable,
    Writable,
    Both,
};

/// Something with a file descriptor.
class ReadyHandler {
public:
    virtual ~ReadyHandler() = default;

    /// `broken`: the descriptor failed or its peer is gone, whatever it is watched for.
    struct Events {
        bool readable = false;
        bool writable = false;
        bool broken = false;
    };
    /// May end any watch, its own as well.
    virtual void ready(Events events) = 0;
};

using WatchId = base::SlotId<ReadyHandler*>;

/// Something that is due at a time.
class Deadlines {
public:
    virtual ~Deadlines() = default;
    virtual std::optional<Instant> next_deadline() const = 0;
    virtual void run_due(Instant now) = 0;
};

/// The engine thread's loop: waits until something is ready, deals with all that is, then ends the
/// turn. Also the clock, which is read once a turn, by who asks first.
class EventLoop : public world::Turn, public world::Clock {
public:
    /// One read buffer serves all connections, for what is parsed in it is done with before the
    /// next read.
    static constexpr std::size_t kReadBuffer = 256 * 1024;

    EventLoop();
    ~EventLoop() override;

    EventLoop(EventLoop const&) = delete;
    EventLoop& operator=(EventLoop const&) = delete;

    /// Until `stop`, and may be run again after. On the thread that owns all that is registered
    /// here.
    void run();

    /// Any thread may call these two.
    void stop();
    void post(world::Task task);

    /// Calls `handler` while the descriptor is ready for what it is watched for. Errors: Io.
    std::optional<WatchId> watch(int descriptor, Readiness readiness, ReadyHandler& handler);
    void rewatch(WatchId id, int descriptor, Readiness readiness);
    /// Whether the watch stands, which tells a handler after a callback whether it still is.
    bool watches(WatchId id) { return handlers_.find(id) != nullptr; }
    /// Before the descriptor is closed.
    void unwatch(WatchId id, int descriptor);

    /// Outlives the loop's running.
    void set_deadlines(Deadlines& deadlines) { deadlines_ = &deadlines; }

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
    int wait_milliseconds() const;
    void wait();
    void wake();
    void run_posted();
    void run_deferred();
    void end_turn();

    int epoll_ = -1;
    int wake_ = -1;  ///< Readable when another thread posted something.
    base::SlotMap<ReadyHandler*> handlers_;
    Deadlines* deadlines_ = nullptr;
    std::unique_ptr<std::array<char, kReadBuffer>> read_buffer_;
    std::vector<world::EndOfTurn*> listeners_;
    std::deque<world::Task> deferred_;
    mutable Instant now_;
    mutable WallTime wall_now_;
    mutable bool clocks_read_ = false;
    bool woken_ = false;
    base::Mutex mutex_;
    std::vector<world::Task> posted_ GUARDED_BY(mutex_);
    std::atomic<bool> stopping_{false};
};

}  // namespace signalbox::native
