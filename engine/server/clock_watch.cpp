#include "engine/server/clock_watch.h"

#include "engine/base/duration_text.h"

#include <utility>

namespace signalbox::server {

ClockWatch::ClockWatch(World& world, Logger& log, std::function<void()> jumped)
    : world_(world), log_(log), jumped_(std::move(jumped)), ahead_(ahead()) {
    timer_ = world_.timers().call_at(world_.clock().now() + kInterval, [this] { look(); });
}

ClockWatch::~ClockWatch() {
    world_.timers().cancel(timer_);
}

Duration ClockWatch::ahead() const {
    return world_.clock().wall_now().since_epoch() - world_.clock().now().since_origin();
}

void ClockWatch::look() {
    timer_ = world_.timers().call_at(world_.clock().now() + kInterval, [this] { look(); });
    Duration const by = ahead() - std::exchange(ahead_, ahead());
    Duration const far = by < Duration(0) ? -by : by;
    if (far < kJump) {
        return;
    }
    if (far >= kWorthALine) {
        LOG(log_, Warning, "the clock of this machine was set ",
            by < Duration(0) ? "back" : "ahead", " by ", base::duration_text(far));
    }
    jumped_();
}

}  // namespace signalbox::server
