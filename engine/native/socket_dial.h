#pragma once

#include "engine/native/descriptor.h"
#include "engine/native/event_loop.h"
#include "engine/native/timer_queue.h"
#include "engine/world/network.h"

#include <deque>
#include <string>

namespace signalbox::native {

/// An attempt to connect: each address of the host in turn, until one answers or time is up.
class SocketDial : public world::Dial, private ReadyHandler {
public:
    SocketDial(EventLoop& loop, TimerQueue& timers, Duration timeout,
               world::Network::OnDialled done);
    ~SocketDial() override;

    SocketDial(SocketDial const&) = delete;
    SocketDial& operator=(SocketDial const&) = delete;

    /// The name was looked up, or could not be.
    void resolved(Result<std::vector<std::string>> const& hosts, std::uint16_t port);

private:
    void ready(Events events) override;
    void try_next();
    bool connect(world::Address const& address);
    void stop_trying();
    void finish(Result<std::unique_ptr<world::Link>> result);

    EventLoop& loop_;
    TimerQueue& timers_;
    world::Network::OnDialled done_;
    std::deque<world::Address> addresses_;
    std::string last_error_ = "no address";
    Descriptor socket_;
    WatchId watch_;
    world::TimerId timer_;
};

}  // namespace signalbox::native
