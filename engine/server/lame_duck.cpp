#include "engine/server/lame_duck.h"

#include <algorithm>
#include <utility>

namespace signalbox::server {
namespace {

constexpr Duration kLongestInterval = base::seconds(1);

}  // namespace

LameDuck::LameDuck(World& world, Logger& log, connection::ConnectionTable& connections,
                   config::LameDuck const& times, std::function<void()> empty)
    : world_(world), log_(log), connections_(connections), times_(times), empty_(std::move(empty)) {
    if (connections_.open_count() == 0) {
        call_after(Duration{0}, &LameDuck::close_one);
        return;
    }
    connections_.say_info_again();
    call_after(times_.grace_period, &LameDuck::begin_closing);
}

LameDuck::~LameDuck() {
    world_.timers().cancel(timer_);
}

void LameDuck::begin_closing() {
    LOG(log_, Notice, "Closing existing clients");
    Duration const rest = std::max(times_.duration - times_.grace_period, Duration{0});
    auto const count =
        static_cast<std::int64_t>(std::max<std::size_t>(connections_.open_count(), 1));
    interval_ = std::min(rest / count, kLongestInterval);
    close_one();
}

void LameDuck::close_one() {
    bool const closed = connections_.close_oldest(connection::CloseReason::ServerShutdown);
    if (!closed || connections_.open_count() == 0) {
        // It destroys this.
        std::exchange(empty_, nullptr)();
        return;
    }
    // Between half of the interval and all of it, so that several servers do not fall into step.
    auto const half = static_cast<std::uint64_t>(interval_.count() / 2);
    auto const more = half == 0 ? 0 : world_.entropy().below(half);
    call_after(Duration(static_cast<std::int64_t>(half + more)), &LameDuck::close_one);
}

void LameDuck::call_after(Duration time, void (LameDuck::*what)()) {
    timer_ = world_.timers().call_at(world_.clock().now() + time, [this, what] {
        timer_ = {};
        (this->*what)();
    });
}

}  // namespace signalbox::server
