#include "engine/native/event_loop.h"

#include "engine/base/check.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace signalbox::native {
namespace {

/// So many are dealt with in one turn; more that are ready have the next.
constexpr std::size_t kEventsInOneTurn = 256;

std::uint32_t epoll_events(Readiness readiness) {
    switch (readiness) {
        case Readiness::None:
            return 0;
        case Readiness::Readable:
            return EPOLLIN;
        case Readiness::Writable:
            return EPOLLOUT;
        case Readiness::Both:
            return EPOLLIN | EPOLLOUT;
    }
    return 0;
}

// The id travels through the kernel, so that an event for a watch that ended in the same turn finds
// nothing.
std::uint64_t pack(WatchId id) {
    return (std::uint64_t{id.generation} << 32) | id.index;
}

WatchId unpack(std::uint64_t data) {
    return {static_cast<std::uint32_t>(data), static_cast<std::uint32_t>(data >> 32)};
}

/// A watch id that names nothing: the loop's own wake-up.
constexpr std::uint64_t kWake = 0;

epoll_event event_for(Readiness readiness, std::uint64_t data) {
    epoll_event event{};
    event.events = epoll_events(readiness);
    event.data.u64 = data;
    return event;
}

}  // namespace

EventLoop::EventLoop()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      read_buffer_(std::make_unique<std::array<char, kReadBuffer>>()) {
    CHECK(epoll_ >= 0);
    CHECK(wake_ >= 0);
    epoll_event event = event_for(Readiness::Readable, kWake);
    CHECK(epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) == 0);
}

EventLoop::~EventLoop() {
    ::close(wake_);
    ::close(epoll_);
}

void EventLoop::run() {
    while (!stopping_.load(std::memory_order_acquire)) {
        wait();
        if (std::exchange(woken_, false)) {
            run_posted();
        }
        if (deadlines_ != nullptr && deadlines_->next_deadline()) {
            deadlines_->run_due(now());
        }
        run_deferred();
        end_turn();
    }
    stopping_.store(false, std::memory_order_release);
    clocks_read_ = false;
}

int EventLoop::wait_milliseconds() const {
    // Deferred work of the turn before must not wait for the network.
    if (!deferred_.empty()) {
        return 0;
    }
    auto const deadline = deadlines_ == nullptr ? std::nullopt : deadlines_->next_deadline();
    if (!deadline) {
        return -1;
    }
    read_clocks_anew();
    // Rounded up, for one that is woken a little early would only have to wait again.
    auto const left = std::chrono::ceil<base::milliseconds>(*deadline - now_).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

void EventLoop::wait() {
    std::array<epoll_event, kEventsInOneTurn> events;
    int const timeout = wait_milliseconds();
    int const count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout);
    clocks_read_ = false;
    for (int i = 0; i < count; ++i) {
        epoll_event const& event = events[static_cast<std::size_t>(i)];
        if (event.data.u64 == kWake) {
            woken_ = true;
        } else if (ReadyHandler** const handler = handlers_.find(unpack(event.data.u64))) {
            (*handler)->ready({.readable = (event.events & EPOLLIN) != 0,
                               .writable = (event.events & EPOLLOUT) != 0,
                               .broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0});
        }
    }
}

void EventLoop::wake() {
    std::uint64_t const one = 1;
    // A full counter wakes just as well.
    ssize_t const written = ::write(wake_, &one, sizeof one);
    static_cast<void>(written);
}

void EventLoop::stop() {
    stopping_.store(true, std::memory_order_release);
    wake();
}

void EventLoop::post(world::Task task) {
    {
        base::MutexLock const lock(mutex_);
        posted_.push_back(std::move(task));
    }
    wake();
}

void EventLoop::run_posted() {
    std::uint64_t count = 0;
    ssize_t const got = ::read(wake_, &count, sizeof count);
    static_cast<void>(got);
    std::vector<world::Task> tasks;
    {
        base::MutexLock const lock(mutex_);
        tasks.swap(posted_);
    }
    for (world::Task const& task : tasks) {
        task();
    }
}

std::optional<WatchId> EventLoop::watch(int descriptor, Readiness readiness,
                                        ReadyHandler& handler) {
    WatchId const id = handlers_.insert(&handler);
    epoll_event event = event_for(readiness, pack(id));
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) {
        handlers_.take(id);
        return std::nullopt;
    }
    return id;
}

void EventLoop::rewatch(WatchId id, int descriptor, Readiness readiness) {
    epoll_event event = event_for(readiness, pack(id));
    epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event);
}

void EventLoop::unwatch(WatchId id, int descriptor) {
    if (handlers_.find(id) != nullptr) {
        handlers_.take(id);
        epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
    }
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
    if (deferred_.empty()) {
        return;
    }
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
