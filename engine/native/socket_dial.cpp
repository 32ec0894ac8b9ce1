#include "engine/native/socket_dial.h"

#include "engine/base/text.h"
#include "engine/native/socket_address.h"
#include "engine/native/socket_link.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace signalbox::native {

SocketDial::SocketDial(EventLoop& loop, TimerQueue& timers, Duration timeout,
                       world::Network::OnDialled done)
    : loop_(loop), timers_(timers), done_(std::move(done)) {
    timer_ = timers_.call_at(loop_.now() + timeout, [this] {
        timer_ = {};
        finish(Error(Errc::TimedOut, "the peer does not answer"));
    });
}

SocketDial::~SocketDial() {
    timers_.cancel(timer_);
    stop_trying();
}

void SocketDial::resolved(Result<std::vector<std::string>> const& hosts, std::uint16_t port) {
    if (!hosts.ok()) {
        finish(hosts.error());
        return;
    }
    for (std::string const& host : hosts.value()) {
        addresses_.push_back({.host = host, .port = port});
    }
    try_next();
}

void SocketDial::try_next() {
    while (!addresses_.empty()) {
        world::Address const address = std::move(addresses_.front());
        addresses_.pop_front();
        if (connect(address)) {
            return;
        }
        last_error_ = std::strerror(errno);
    }
    finish(Error(Errc::Io, concat("cannot connect: ", last_error_)));
}

/// True: on its way, and `ready` will tell.
bool SocketDial::connect(world::Address const& address) {
    auto const to = to_socket_address(address);
    if (!to.ok()) {
        errno = EINVAL;
        return false;
    }
    SocketAddress const& target = to.value();
    socket_ = Descriptor(::socket(target.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket_.valid()) {
        return false;
    }
    if (::connect(socket_.get(), target.get(), target.length) != 0 && errno != EINPROGRESS) {
        return false;
    }
    auto const id = loop_.watch(socket_.get(), Readiness::Writable, *this);
    if (id) {
        watch_ = *id;
    }
    return id.has_value();
}

void SocketDial::ready(Events) {
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
    loop_.unwatch(std::exchange(watch_, {}), socket_.get());
    if (error != 0) {
        last_error_ = std::strerror(error);
        socket_.close();
        try_next();
        return;
    }
    finish(std::unique_ptr<world::Link>(std::make_unique<SocketLink>(loop_, std::move(socket_))));
}

void SocketDial::stop_trying() {
    if (watch_) {
        loop_.unwatch(std::exchange(watch_, {}), socket_.get());
    }
    socket_.close();
}

/// Called last, for the callback may destroy this.
void SocketDial::finish(Result<std::unique_ptr<world::Link>> result) {
    timers_.cancel(std::exchange(timer_, {}));
    stop_trying();
    if (auto const done = std::exchange(done_, nullptr)) {
        done(std::move(result));
    }
}

}  // namespace signalbox::native
