#pragma once

#include "engine/native/descriptor.h"
#include "engine/native/event_loop.h"
#include "engine/native/timer_queue.h"
#include "engine/world/network.h"

#include <memory>

namespace signalbox::native {

/// A listening socket.
class SocketListener : public world::Listener, private ReadyHandler {
public:
    /// Port 0 asks for any free one. Errors: Io.
    static Result<std::unique_ptr<world::Listener>> open(EventLoop& loop, TimerQueue& timers,
                                                         world::Address const& address,
                                                         world::Network::OnAccept on_accept);
    ~SocketListener() override;

    world::Address const& address() const override { return address_; }

private:
    SocketListener(EventLoop& loop, TimerQueue& timers, Descriptor socket, world::Address address,
                   world::Network::OnAccept on_accept);

    void ready(Events events) override;
    void rest();

    EventLoop& loop_;
    TimerQueue& timers_;
    Descriptor socket_;
    world::Address address_;
    world::Network::OnAccept on_accept_;
    WatchId watch_;
    world::TimerId rest_;
};

}  // namespace signalbox::native
