#include "engine/native/socket_link.h"

#include "engine/native/socket_address.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace signalbox::native {
namespace {

/// What a peer still sends is read and dropped at the end, up to so much, for closing a socket with
/// unread bytes would make the peer lose what it was told last.
constexpr std::size_t kDroppedAtEnd = 1024 * 1024;

/// Between two processes of one machine the kernel would let megabytes pile up, for both ends are
/// quick, and each byte would be out of the cache when its turn comes. So much keeps both ends
/// busy.
constexpr int kSentAhead = 96 * 1024;
constexpr int kReceivedAhead = 1024 * 1024;

bool is_this_machine(world::Address const& peer) {
    return peer.host.starts_with("127.") || peer.host == "::1";
}

void keep_in_cache(int socket) {
    ::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &kSentAhead, sizeof kSentAhead);
    ::setsockopt(socket, IPPROTO_TCP, TCP_WINDOW_CLAMP, &kReceivedAhead, sizeof kReceivedAhead);
}

bool is_for_later(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

SocketLink::SocketLink(EventLoop& loop, Descriptor socket)
    : loop_(loop), socket_(std::move(socket)) {
    int const one = 1;
    ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    SocketAddress local;
    SocketAddress remote;
    ::getsockname(socket_.get(), local.get(), &local.length);
    ::getpeername(socket_.get(), remote.get(), &remote.length);
    local_ = to_address(local);
    remote_ = to_address(remote);
    if (is_this_machine(remote_)) {
        keep_in_cache(socket_.get());
    }
}

SocketLink::~SocketLink() {
    loop_.unwatch(watch_, socket_.get());
    ::shutdown(socket_.get(), SHUT_WR);
    drop_unread();
}

void SocketLink::start(world::LinkOwner& owner) {
    owner_ = &owner;
    if (watch_) {
        return;
    }
    watched_for_ = Readiness::Readable;
    auto const id = loop_.watch(socket_.get(), watched_for_, *this);
    if (!id) {
        end_later(world::LinkEnd::ReadError, "cannot be watched");
        return;
    }
    watch_ = *id;
    watch_as_needed();
}

/// The kernel is told only of changes: a call for each read would be most of the cost of a small
/// one.
void SocketLink::watch_as_needed() {
    bool const reads = !paused_;
    Readiness const wanted = reads ? (blocked_ ? Readiness::Both : Readiness::Readable)
                                   : (blocked_ ? Readiness::Writable : Readiness::None);
    if (watch_ && wanted != watched_for_) {
        watched_for_ = wanted;
        loop_.rewatch(watch_, socket_.get(), wanted);
    }
}

/// The owner may destroy this in any callback, and with it ends the watch.
void SocketLink::ready(Events events) {
    EventLoop& loop = loop_;
    WatchId const watch = watch_;
    if (events.broken && paused_ && !blocked_) {
        // Nobody would read it to its end; what is reported whether asked for or not would spin.
        end(world::LinkEnd::ReadError, "the peer is gone");
        return;
    }
    if ((events.writable || events.broken) && blocked_) {
        blocked_ = false;
        watch_as_needed();
        owner_->writable();
    }
    if (loop.watches(watch) && (events.readable || events.broken) && !paused_) {
        read();
    }
}

void SocketLink::read() {
    std::span<char> const own = owner_->receive_space();
    auto& shared = loop_.read_buffer();
    char* const into = own.empty() ? shared.data() : own.data();
    std::size_t const room = own.empty() ? shared.size() : own.size();
    ssize_t const got = ::recv(socket_.get(), into, room, 0);
    if (got > 0) {
        owner_->received(Bytes(into, static_cast<std::size_t>(got)));
    } else if (got == 0) {
        end(world::LinkEnd::ClosedByPeer, "end of stream");
    } else if (!is_for_later(errno)) {
        end(world::LinkEnd::ReadError, std::strerror(errno));
    }
}

/// Called last, for the owner may destroy this.
void SocketLink::end(world::LinkEnd why, std::string const& detail) {
    loop_.unwatch(std::exchange(watch_, {}), socket_.get());
    broken_ = true;
    blocked_ = false;
    if (world::LinkOwner* const owner = std::exchange(owner_, nullptr)) {
        owner->ended(why, detail);
    }
}

void SocketLink::end_later(world::LinkEnd why, std::string detail) {
    alive_ = std::make_shared<bool>(true);
    loop_.unwatch(std::exchange(watch_, {}), socket_.get());
    // The owner may have destroyed this by then.
    loop_.defer([owner = std::exchange(owner_, nullptr), why, detail = std::move(detail),
                 alive = std::weak_ptr(alive_)] {
        if (owner != nullptr && !alive.expired()) {
            owner->ended(why, detail);
        }
    });
}

std::size_t SocketLink::send(std::span<Bytes const> pieces) {
    if (broken_) {
        return 0;
    }
    std::array<iovec, 64> vectors;
    std::size_t const count = std::min(pieces.size(), vectors.size());
    std::size_t offered = 0;
    for (std::size_t i = 0; i < count; ++i) {
        vectors[i].iov_base = const_cast<char*>(pieces[i].data());
        vectors[i].iov_len = pieces[i].size();
        offered += pieces[i].size();
    }
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = count;
    ssize_t const sent = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
    if (sent < 0 && !is_for_later(errno)) {
        broken_ = true;
        end_later(world::LinkEnd::WriteError, std::strerror(errno));
        return 0;
    }
    std::size_t const taken = sent < 0 ? 0 : static_cast<std::size_t>(sent);
    if (taken < offered) {
        blocked_ = true;
        watch_as_needed();
    }
    return taken;
}

void SocketLink::pause_reading() {
    paused_ = true;
    watch_as_needed();
}

void SocketLink::resume_reading() {
    paused_ = false;
    watch_as_needed();
}

void SocketLink::drop_unread() {
    // Not into the engine's buffer, for another connection may be on the stack with views into it.
    std::array<char, 16 * 1024> buffer;
    for (std::size_t dropped = 0; dropped < kDroppedAtEnd;) {
        ssize_t const got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (got <= 0) {
            return;
        }
        dropped += static_cast<std::size_t>(got);
    }
}

}  // namespace signalbox::native
