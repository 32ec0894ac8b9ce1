#pragma once

#include "engine/native/descriptor.h"
#include "engine/native/event_loop.h"
#include "engine/world/link.h"

#include <memory>
#include <string>

namespace signalbox::native {

/// A TCP connection: read into the engine's buffer and written out of the connection's, never
/// waiting.
class SocketLink : public world::Link, private ReadyHandler {
public:
    /// `socket` is connected.
    SocketLink(EventLoop& loop, Descriptor socket);
    ~SocketLink() override;

    SocketLink(SocketLink const&) = delete;
    SocketLink& operator=(SocketLink const&) = delete;

    void start(world::LinkOwner& owner) override;
    std::size_t send(std::span<Bytes const> pieces) override;
    void pause_reading() override;
    void resume_reading() override;
    world::Address const& local() const override { return local_; }
    world::Address const& remote() const override { return remote_; }

private:
    void ready(Events events) override;
    void read();
    void watch_as_needed();
    void end(world::LinkEnd why, std::string const& detail);
    void end_later(world::LinkEnd why, std::string detail);
    void drop_unread();

    EventLoop& loop_;
    Descriptor socket_;
    world::Address local_;
    world::Address remote_;
    world::LinkOwner* owner_ = nullptr;
    WatchId watch_;
    Readiness watched_for_ = Readiness::None;
    bool paused_ = false;
    bool blocked_ = false;         ///< `writable` is owed.
    bool broken_ = false;          ///< Takes nothing more.
    std::shared_ptr<bool> alive_;  ///< Made when something deferred asks whether this still is.
};

}  // namespace signalbox::native
