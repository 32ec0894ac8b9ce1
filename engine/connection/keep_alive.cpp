#include "engine/connection/keep_alive.h"

#include <algorithm>
#include <utility>

namespace signalbox::connection {
namespace {

constexpr Duration kFirstPing = base::seconds(2);
constexpr Duration kMeasureAgain = base::hours(1);

}  // namespace

KeepAlive::KeepAlive(World& world, config::Limits const& limits, Actions actions)
    : world_(&world),
      limits_(&limits),
      actions_(std::move(actions)),
      accepted_(world.clock().now()),
      last_heard_(accepted_) {
    schedule(limits_->ping_interval);
}

KeepAlive::~KeepAlive() {
    world_->timers().cancel(timer_);
}

void KeepAlive::connected() {
    Duration const base = std::min(limits_->ping_interval, kFirstPing);
    // Clients that came together are not asked together.
    auto const spread = static_cast<std::uint64_t>(base.count() / 5 + 1);
    schedule(base +
             Duration(world_->entropy().below(std::min<std::uint64_t>(spread, 0xffffffffU))));
}

void KeepAlive::answered() {
    outstanding_ = 0;
    if (pinged_ != Instant{}) {
        measured_ = world_->clock().now();
        rtt_ = std::max(measured_ - std::exchange(pinged_, {}), Duration{1});
    }
}

void KeepAlive::measure() {
    if (rtt_.count() == 0 && outstanding_ == 0 && may_measure_) {
        ping();
    }
}

void KeepAlive::schedule(Duration after) {
    world_->timers().cancel(timer_);
    timer_ = world_->timers().call_at(world_->clock().now() + after, [this] { due(); });
}

void KeepAlive::due() {
    Instant const now = world_->clock().now();
    bool const quiet = now - last_heard_ >= limits_->ping_interval;
    bool const may_ask = may_measure_ || now - accepted_ > kFirstPing;
    bool const unmeasured = may_ask && (rtt_.count() == 0 || now - measured_ > kMeasureAgain);
    if (quiet || unmeasured) {
        if (outstanding_ + 1 > limits_->ping_max) {
            actions_.declare_stale();
            return;
        }
        ping();
    }
    schedule(limits_->ping_interval);
}

void KeepAlive::ping() {
    ++outstanding_;
    pinged_ = world_->clock().now();
    actions_.send_ping();
}

}  // namespace signalbox::connection
