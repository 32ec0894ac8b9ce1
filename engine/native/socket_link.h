#pragma once

#include "engine/native/event_loop.h"
#include "engine/world/link.h"

#include <asio.hpp>

#include <memory>

namespace signalbox::native {

/// A TCP connection. Asio says when the socket is ready; reading and writing are our own, without
/// waiting, into the engine's buffer and out of the connection's.
class SocketLink : public world::Link {
public:
    SocketLink(EventLoop& loop, asio::ip::tcp::socket socket);
    ~SocketLink() override;

    void start(world::LinkOwner& owner) override;
    std::size_t send(std::span<Bytes const> pieces) override;
    void pause_reading() override;
    void resume_reading() override;
    world::Address const& local() const override;
    world::Address const& remote() const override;

private:
    class State;
    std::shared_ptr<State> state_;  ///< Shared with the waits that are under way.
};

/// As peers and people read it: IPv4 in its own form, also when it came mapped into IPv6.
world::Address address_of(asio::ip::tcp::endpoint const& endpoint);

}  // namespace signalbox::native
