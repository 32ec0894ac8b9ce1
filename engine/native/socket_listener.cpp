#include "engine/native/socket_listener.h"

#include "engine/base/text.h"
#include "engine/native/socket_address.h"
#include "engine/native/socket_link.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace signalbox::native {
namespace {

/// So many are accepted in one turn before others have theirs.
constexpr int kAcceptsInOneTurn = 64;

/// Without descriptors, accepting again at once would only spin.
constexpr Duration kRest = base::milliseconds(100);

constexpr int kBacklog = 4'096;

bool set(int socket, int level, int option, int value) {
    return ::setsockopt(socket, level, option, &value, sizeof value) == 0;
}

/// "All addresses" means those of both families, as the reference has it.
bool is_wildcard(std::string const& host) {
    return host == "0.0.0.0" || host == "::";
}

Error cannot_listen(world::Address const& address) {
    return {Errc::Io, concat("cannot listen on ", address.host, ":", address.port, ": ",
                             std::strerror(errno))};
}

Result<Descriptor> open_socket(world::Address const& wanted, SocketAddress const& address) {
    Descriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.valid()) {
        return cannot_listen(wanted);
    }
    if (address.family() == AF_INET6) {
        set(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, is_wildcard(wanted.host) ? 0 : 1);
    }
    set(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (::bind(socket.get(), address.get(), address.length) != 0 ||
        ::listen(socket.get(), kBacklog) != 0) {
        return cannot_listen(wanted);
    }
    return socket;
}

Result<Descriptor> open_numeric(world::Address const& wanted) {
    SocketAddress const address = TRY(to_socket_address(wanted));
    return open_socket(wanted, address);
}

Result<Descriptor> open_wildcard(world::Address const& wanted) {
    SocketAddress const v6 = TRY(to_socket_address({.host = "::", .port = wanted.port}));
    auto both = open_socket(wanted, v6);
    // A machine without IPv6 has the other.
    if (both.ok() || errno == EADDRINUSE) {
        return both;
    }
    SocketAddress const v4 = TRY(to_socket_address({.host = "0.0.0.0", .port = wanted.port}));
    return open_socket(wanted, v4);
}

}  // namespace

Result<std::unique_ptr<world::Listener>> SocketListener::open(EventLoop& loop, TimerQueue& timers,
                                                              world::Address const& address,
                                                              world::Network::OnAccept on_accept) {
    Descriptor socket =
        TRY(is_wildcard(address.host) ? open_wildcard(address) : open_numeric(address));
    SocketAddress bound;
    ::getsockname(socket.get(), bound.get(), &bound.length);
    world::Address const chosen{.host = address.host, .port = to_address(bound).port};
    return std::unique_ptr<world::Listener>(
        new SocketListener(loop, timers, std::move(socket), chosen, std::move(on_accept)));
}

SocketListener::SocketListener(EventLoop& loop, TimerQueue& timers, Descriptor socket,
                               world::Address address, world::Network::OnAccept on_accept)
    : loop_(loop),
      timers_(timers),
      socket_(std::move(socket)),
      address_(std::move(address)),
      on_accept_(std::move(on_accept)) {
    if (auto const id = loop_.watch(socket_.get(), Readiness::Readable, *this)) {
        watch_ = *id;
    }
}

SocketListener::~SocketListener() {
    timers_.cancel(rest_);
    loop_.unwatch(watch_, socket_.get());
}

void SocketListener::ready(Events) {
    // Handing a link over may destroy this, and with it ends the watch.
    EventLoop& loop = loop_;
    WatchId const watch = watch_;
    for (int i = 0; i < kAcceptsInOneTurn && loop.watches(watch); ++i) {
        Descriptor socket(::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (socket.valid()) {
            on_accept_(std::make_unique<SocketLink>(loop_, std::move(socket)));
            continue;
        }
        // Kept, for what follows may change it.
        int const error = errno;
        if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
            rest();
        }
        if (error != ECONNABORTED && error != EINTR) {
            break;
        }
    }
}

void SocketListener::rest() {
    loop_.rewatch(watch_, socket_.get(), Readiness::None);
    rest_ = timers_.call_at(loop_.now() + kRest, [this] {
        rest_ = {};
        loop_.rewatch(watch_, socket_.get(), Readiness::Readable);
    });
}

}  // namespace signalbox::native
