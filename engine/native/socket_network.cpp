#include "engine/native/socket_network.h"

#include "engine/base/text.h"
#include "engine/native/socket_address.h"
#include "engine/native/socket_dial.h"
#include "engine/native/socket_listener.h"

#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace signalbox::native {
namespace {

/// Blocks: for workers.
Result<std::vector<std::string>> look_up(std::string const& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    int const error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
    if (error != 0) {
        return Error(Errc::NotFound,
                     concat("no address for ", base::quoted(host), ": ", gai_strerror(error)));
    }
    std::vector<std::string> hosts;
    for (addrinfo const* at = found; at != nullptr; at = at->ai_next) {
        SocketAddress address;
        std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
        hosts.push_back(to_address(address).host);
    }
    freeaddrinfo(found);
    return hosts;
}

/// A dial that lives until it is destroyed, and is found only until then by a look-up that ends
/// later.
class NamedDial : public world::Dial {
public:
    explicit NamedDial(std::shared_ptr<SocketDial> dial) : dial_(std::move(dial)) {}

private:
    std::shared_ptr<SocketDial> dial_;
};

bool is_numeric(std::string const& host) {
    return to_socket_address({.host = host, .port = 0}).ok();
}

}  // namespace

void SocketNetwork::resolve(std::string const& host, OnResolved done) {
    auto const answer = std::make_shared<OnResolved>(std::move(done));
    if (is_numeric(host)) {
        loop_.defer([host, answer] { (*answer)(std::vector<std::string>{host}); });
        return;
    }
    struct LookUp {
        Result<std::vector<std::string>> result = std::vector<std::string>();
    };
    auto const work = std::make_shared<LookUp>();
    bool const accepted = workers_.run([work, host] { work->result = look_up(host); },
                                       [work, answer] { (*answer)(work->result); });
    if (!accepted) {
        loop_.defer(
            [answer] { (*answer)(Error(Errc::LimitExceeded, "too many look-ups are waiting")); });
    }
}

Result<std::unique_ptr<world::Listener>> SocketNetwork::listen(world::Address const& address,
                                                               OnAccept on_accept) {
    return SocketListener::open(loop_, timers_, address, std::move(on_accept));
}

std::unique_ptr<world::Dial> SocketNetwork::dial(std::string const& host, std::uint16_t port,
                                                 Duration timeout, OnDialled done) {
    auto const dial = std::make_shared<SocketDial>(loop_, timers_, timeout, std::move(done));
    resolve(host,
            [weak = std::weak_ptr(dial), port](Result<std::vector<std::string>> const& hosts) {
                if (auto const self = weak.lock()) {
                    self->resolved(hosts, port);
                }
            });
    return std::make_unique<NamedDial>(dial);
}

std::vector<std::string> SocketNetwork::interface_addresses() {
    std::vector<std::string> found;
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) {
        return found;
    }
    for (ifaddrs const* at = list; at != nullptr; at = at->ifa_next) {
        if (at->ifa_addr == nullptr || at->ifa_addr->sa_family != AF_INET) {
            continue;
        }
        SocketAddress address;
        std::memcpy(&address.storage, at->ifa_addr, sizeof(sockaddr_in));
        std::string const host = to_address(address).host;
        if (!host.starts_with("127.")) {
            found.push_back(host);
        }
    }
    freeifaddrs(list);
    std::ranges::sort(found);
    return found;
}

}  // namespace signalbox::native
