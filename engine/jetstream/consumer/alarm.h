#pragma once

#include "engine/world/world.h"

#include <functional>
#include <utility>

namespace signalbox::jetstream {

/// A timer that is set again and again, mostly to later: it then rings too early, and whoever is
/// called looks what is due and sets it anew. Cancels itself when it goes.
class Alarm {
public:
    Alarm(World& world, std::function<void()> ring) : world_(world), ring_(std::move(ring)) {}
    ~Alarm() { cancel(); }

    Alarm(Alarm const&) = delete;
    Alarm& operator=(Alarm const&) = delete;

    /// Rings at `when`, or earlier when it is set so already.
    void by(Instant when) {
        if (timer_ && when_ <= when) {
            return;
        }
        cancel();
        when_ = when;
        timer_ = world_.timers().call_at(when, [this] {
            timer_ = {};
            ring_();
        });
    }

    void cancel() {
        if (timer_) {
            world_.timers().cancel(timer_);
            timer_ = {};
        }
    }

    bool is_set() const { return static_cast<bool>(timer_); }

private:
    World& world_;
    std::function<void()> ring_;
    world::TimerId timer_;
    Instant when_;
};

}  // namespace signalbox::jetstream
