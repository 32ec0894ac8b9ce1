#pragma once

#include "engine/base/result.h"
#include "engine/world/link.h"

#include <sys/socket.h>

namespace signalbox::native {

/// An address as the operating system has it.
struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = sizeof(sockaddr_storage);

    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
    sockaddr const* get() const { return reinterpret_cast<sockaddr const*>(&storage); }
    int family() const { return storage.ss_family; }
};

/// Errors: Io (not a numeric address), as the world's network promises.
Result<SocketAddress> to_socket_address(world::Address const& address);

/// As peers and people read it: IPv4 in its own form, also when it came mapped into IPv6.
world::Address to_address(SocketAddress const& address);

}  // namespace signalbox::native
