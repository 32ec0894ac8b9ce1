#pragma once

#include "engine/config/options.h"
#include "engine/world/world.h"

#include <cstdint>
#include <functional>

namespace signalbox::connection {

/// Asks a quiet peer from time to time whether it is still there, and measures how long it takes to
/// answer.
class KeepAlive {
public:
    struct Actions {
        std::function<void()> send_ping;
        std::function<void()> declare_stale;
    };

    /// `limits` outlive it, and may change.
    KeepAlive(World& world, config::Limits const& limits, Actions actions);
    ~KeepAlive();

    KeepAlive(KeepAlive const&) = delete;
    KeepAlive& operator=(KeepAlive const&) = delete;

    /// The peer said who it is: the first PING comes soon, at a time of its own.
    void connected();

    /// Data, or a PING, came from the peer.
    void heard() { last_heard_ = world_->clock().now(); }

    /// A PONG came; an unasked one is fine.
    void answered();

    /// A PONG was sent: from now on the peer may be asked for its round-trip time.
    void may_measure() { may_measure_ = true; }

    /// Zero: not known.
    Duration rtt() const { return rtt_; }

    /// Asks now, when the time is not known and nothing is on its way.
    void measure();

private:
    void schedule(Duration after);
    void due();
    void ping();

    World* world_;
    config::Limits const* limits_;
    Actions actions_;
    world::TimerId timer_;
    Instant accepted_;
    Instant last_heard_;
    Instant pinged_;
    Instant measured_;
    Duration rtt_{0};
    std::int64_t outstanding_ = 0;
    bool may_measure_ = false;
};

}  // namespace signalbox::connection
