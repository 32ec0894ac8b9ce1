#include "engine/native/socket_network.h"

#include "engine/base/text.h"
#include "engine/native/socket_link.h"

#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <utility>

namespace signalbox::native {
namespace {

using asio::ip::tcp;

/// So many are accepted in one turn before others have theirs.
constexpr int kAcceptsInOneTurn = 64;

/// Without descriptors, accepting again at once would only spin.
constexpr Duration kAcceptPause = base::milliseconds(100);

Error io_error(asio::error_code const& error, std::string_view what) {
    return {Errc::Io, concat(what, ": ", error.message())};
}

bool is_wildcard(std::string const& host) {
    return host == "0.0.0.0" || host == "::";
}

class SocketListener : public world::Listener {
public:
    SocketListener(EventLoop& loop, TimerQueue& timers, tcp::acceptor acceptor,
                   world::Address address, world::Network::OnAccept on_accept)
        : state_(std::make_shared<State>(loop, timers, std::move(acceptor), std::move(on_accept))),
          address_(std::move(address)) {
        state_->wait();
    }
    ~SocketListener() override { state_->close(); }

    world::Address const& address() const override { return address_; }

private:
    struct State : std::enable_shared_from_this<State> {
        State(EventLoop& l, TimerQueue& t, tcp::acceptor a, world::Network::OnAccept f)
            : loop(l), timers(t), acceptor(std::move(a)), on_accept(std::move(f)) {}

        void wait() {
            acceptor.async_wait(tcp::acceptor::wait_read,
                                [self = shared_from_this()](asio::error_code const& error) {
                                    if (!error && !self->closed) {
                                        self->accept();
                                    }
                                });
        }

        void accept() {
            for (int i = 0; i < kAcceptsInOneTurn && !closed; ++i) {
                asio::error_code error;
                tcp::socket socket = acceptor.accept(error);
                if (error == asio::error::would_block) {
                    break;
                }
                if (error == asio::error::no_descriptors) {
                    timers.call_at(loop.now() + kAcceptPause, [self = shared_from_this()] {
                        if (!self->closed) {
                            self->wait();
                        }
                    });
                    return;
                }
                if (!error) {
                    on_accept(std::make_unique<SocketLink>(loop, std::move(socket)));
                }
            }
            if (!closed) {
                wait();
            }
        }

        void close() {
            closed = true;
            asio::error_code ignored;
            acceptor.close(ignored);
        }

        EventLoop& loop;
        TimerQueue& timers;
        tcp::acceptor acceptor;
        world::Network::OnAccept on_accept;
        bool closed = false;
    };

    std::shared_ptr<State> state_;
    world::Address address_;
};

class SocketDial : public world::Dial {
public:
    SocketDial(EventLoop& loop, TimerQueue& timers, world::Network::OnDialled done)
        : state_(std::make_shared<State>(loop, timers, std::move(done))) {}
    ~SocketDial() override { state_->give_up(); }

    void start(std::string const& host, std::uint16_t port, Duration timeout) {
        state_->start(host, port, timeout);
    }

private:
    struct State : std::enable_shared_from_this<State> {
        State(EventLoop& l, TimerQueue& t, world::Network::OnDialled d)
            : loop(l), timers(t), done(std::move(d)), resolver(l.io()), socket(l.io()) {}

        void start(std::string const& host, std::uint16_t port, Duration timeout) {
            timer = timers.call_at(loop.now() + timeout, [self = shared_from_this()] {
                self->timer = {};
                self->finish(Error(Errc::TimedOut, "the peer does not answer"));
            });
            resolver.async_resolve(
                host, std::to_string(port),
                [self = shared_from_this()](asio::error_code const& error, auto const& found) {
                    if (error) {
                        self->finish(Error(Errc::NotFound, error.message()));
                        return;
                    }
                    self->connect(found);
                });
        }

        void connect(tcp::resolver::results_type const& found) {
            asio::async_connect(
                socket, found,
                [self = shared_from_this()](asio::error_code const& error, tcp::endpoint const&) {
                    if (error) {
                        self->finish(io_error(error, "cannot connect"));
                        return;
                    }
                    self->finish(std::unique_ptr<world::Link>(
                        std::make_unique<SocketLink>(self->loop, std::move(self->socket))));
                });
        }

        void finish(Result<std::unique_ptr<world::Link>> result) {
            auto const callback = std::exchange(done, nullptr);
            give_up();
            if (callback) {
                callback(std::move(result));
            }
        }

        void give_up() {
            done = nullptr;
            timers.cancel(timer);
            resolver.cancel();
            asio::error_code ignored;
            socket.close(ignored);
        }

        EventLoop& loop;
        TimerQueue& timers;
        world::Network::OnDialled done;
        tcp::resolver resolver;
        tcp::socket socket;
        world::TimerId timer;
    };

    std::shared_ptr<State> state_;
};

Result<tcp::acceptor> open_acceptor(asio::io_context& io, world::Address const& address) {
    asio::error_code error;
    asio::ip::address ip = asio::ip::make_address(address.host, error);
    if (error) {
        return io_error(error, concat("cannot listen on ", base::quoted(address.host)));
    }
    // "All addresses" means those of both families, as the reference has it.
    bool const wildcard = is_wildcard(address.host);
    tcp::acceptor acceptor(io);
    if (wildcard) {
        acceptor.open(tcp::v6(), error);
        if (!error) {
            acceptor.set_option(asio::ip::v6_only(false), error);
            ip = asio::ip::address_v6::any();
        }
    }
    if (!wildcard || error) {
        ip = wildcard ? asio::ip::address(asio::ip::address_v4::any()) : ip;
        acceptor.open(ip.is_v6() ? tcp::v6() : tcp::v4(), error);
    }
    if (!error) {
        acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    }
    if (!error) {
        acceptor.bind(tcp::endpoint(ip, address.port), error);
    }
    if (!error) {
        acceptor.listen(4'096, error);
    }
    if (!error) {
        acceptor.non_blocking(true, error);
    }
    if (error) {
        return io_error(error, concat("cannot listen on ", address.host, ":", address.port));
    }
    return acceptor;
}

}  // namespace

void SocketNetwork::resolve(std::string const& host, OnResolved done) {
    asio::error_code not_numeric;
    asio::ip::make_address(host, not_numeric);
    if (!not_numeric) {
        loop_.defer([host, done = std::move(done)] { done(std::vector<std::string>{host}); });
        return;
    }
    resolver_.async_resolve(
        host, "", [host, done = std::move(done)](asio::error_code const& error, auto const& found) {
            if (error) {
                done(Error(Errc::NotFound, concat("no address for ", base::quoted(host))));
                return;
            }
            std::vector<std::string> hosts;
            for (auto const& entry : found) {
                hosts.push_back(entry.endpoint().address().to_string());
            }
            done(std::move(hosts));
        });
}

Result<std::unique_ptr<world::Listener>> SocketNetwork::listen(world::Address const& address,
                                                               OnAccept on_accept) {
    tcp::acceptor acceptor = TRY(open_acceptor(loop_.io(), address));
    world::Address bound = address;
    asio::error_code ignored;
    bound.port = acceptor.local_endpoint(ignored).port();
    return std::unique_ptr<world::Listener>(std::make_unique<SocketListener>(
        loop_, timers_, std::move(acceptor), bound, std::move(on_accept)));
}

std::unique_ptr<world::Dial> SocketNetwork::dial(std::string const& host, std::uint16_t port,
                                                 Duration timeout, OnDialled done) {
    auto dial = std::make_unique<SocketDial>(loop_, timers_, std::move(done));
    dial->start(host, port, timeout);
    return dial;
}

std::vector<std::string> SocketNetwork::interface_addresses() {
    std::vector<std::string> found;
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) {
        return found;
    }
    for (ifaddrs const* at = list; at != nullptr; at = at->ifa_next) {
        if (at->ifa_addr == nullptr) {
            continue;
        }
        if (at->ifa_addr->sa_family == AF_INET) {
            auto const* in = reinterpret_cast<sockaddr_in const*>(at->ifa_addr);
            asio::ip::address_v4 const address(ntohl(in->sin_addr.s_addr));
            if (!address.is_loopback()) {
                found.push_back(address.to_string());
            }
        }
    }
    freeifaddrs(list);
    std::ranges::sort(found);
    return found;
}

}  // namespace signalbox::native
