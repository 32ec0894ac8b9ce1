#include "engine/host/lab/free_ports.h"

#include "engine/native/descriptor.h"
#include "engine/native/socket_address.h"

#include <sys/socket.h>

namespace signalbox::host::lab {

bool is_free_port(std::uint16_t port) {
    Result<native::SocketAddress> const address = native::to_socket_address({"127.0.0.1", port});
    native::Descriptor const socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!address.ok() || !socket.valid()) {
        return false;
    }
    // As servers do it: the ports of connections that ended a moment ago are free.
    int const yes = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    return ::bind(socket.get(), address.value().get(), address.value().length) == 0 &&
           ::listen(socket.get(), 1) == 0;
}

}  // namespace signalbox::host::lab
