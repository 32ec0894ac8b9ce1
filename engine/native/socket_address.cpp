#include "engine/native/socket_address.h"

#include "engine/base/text.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstring>

namespace signalbox::native {

Result<SocketAddress> to_socket_address(world::Address const& address) {
    SocketAddress out;
    auto* const v4 = reinterpret_cast<sockaddr_in*>(&out.storage);
    if (inet_pton(AF_INET, address.host.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(address.port);
        out.length = sizeof(sockaddr_in);
        return out;
    }
    auto* const v6 = reinterpret_cast<sockaddr_in6*>(&out.storage);
    if (inet_pton(AF_INET6, address.host.c_str(), &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(address.port);
        out.length = sizeof(sockaddr_in6);
        return out;
    }
    return Error(Errc::Io, concat("not a numeric address: ", base::quoted(address.host)));
}

world::Address to_address(SocketAddress const& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.family() == AF_INET) {
        auto const* const v4 = reinterpret_cast<sockaddr_in const*>(&address.storage);
        inet_ntop(AF_INET, &v4->sin_addr, text.data(), text.size());
        return {.host = text.data(), .port = ntohs(v4->sin_port)};
    }
    auto const* const v6 = reinterpret_cast<sockaddr_in6 const*>(&address.storage);
    if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
        in_addr mapped{};
        std::memcpy(&mapped, &v6->sin6_addr.s6_addr[12], sizeof mapped);
        inet_ntop(AF_INET, &mapped, text.data(), text.size());
    } else {
        inet_ntop(AF_INET6, &v6->sin6_addr, text.data(), text.size());
    }
    return {.host = text.data(), .port = ntohs(v6->sin6_port)};
}

}  // namespace signalbox::native
