#pragma once

#include "engine/native/event_loop.h"
#include "engine/native/timer_queue.h"
#include "engine/native/worker_threads.h"
#include "engine/world/network.h"

#include <memory>

namespace signalbox::native {

/// TCP. Names are looked up by the workers.
class SocketNetwork : public world::Network {
public:
    SocketNetwork(EventLoop& loop, TimerQueue& timers, WorkerThreads& workers)
        : loop_(loop), timers_(timers), workers_(workers) {}

    void resolve(std::string const& host, OnResolved done) override;
    Result<std::unique_ptr<world::Listener>> listen(world::Address const& address,
                                                    OnAccept on_accept) override;
    std::unique_ptr<world::Dial> dial(std::string const& host, std::uint16_t port, Duration timeout,
                                      OnDialled done) override;
    std::vector<std::string> interface_addresses() override;

private:
    EventLoop& loop_;
    TimerQueue& timers_;
    WorkerThreads& workers_;
};

}  // namespace signalbox::native
