#include "engine/native/socket_link.h"

#include <array>
#include <utility>

namespace signalbox::native {
namespace {

/// What a peer still sends is read and dropped at the end, up to so much, for closing a socket with
/// unread bytes would make the peer lose what it was told last.
constexpr std::size_t kDroppedAtEnd = 1024 * 1024;

struct ConstBuffers {
    asio::const_buffer const* first;
    asio::const_buffer const* last;
    asio::const_buffer const* begin() const { return first; }
    asio::const_buffer const* end() const { return last; }
};

}  // namespace

class SocketLink::State : public std::enable_shared_from_this<State> {
public:
    State(EventLoop& loop, asio::ip::tcp::socket socket) : loop_(loop), socket_(std::move(socket)) {
        asio::error_code ignored;
        socket_.non_blocking(true, ignored);
        socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
        local_ = address_of(socket_.local_endpoint(ignored));
        remote_ = address_of(socket_.remote_endpoint(ignored));
    }

    void start(world::LinkOwner& owner) {
        owner_ = &owner;
        wait_readable();
    }

    void close() {
        owner_ = nullptr;
        asio::error_code ignored;
        socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
        drop_unread();
        socket_.close(ignored);
    }

    std::size_t send(std::span<Bytes const> pieces) {
        if (broken_) {
            return 0;
        }
        std::array<asio::const_buffer, 64> buffers;
        std::size_t count = 0;
        std::size_t offered = 0;
        for (Bytes const piece : pieces) {
            if (count == buffers.size()) {
                break;
            }
            buffers[count++] = asio::const_buffer(piece.data(), piece.size());
            offered += piece.size();
        }
        asio::error_code error;
        std::size_t const sent =
            count == 1
                ? socket_.write_some(buffers[0], error)
                : socket_.write_some(ConstBuffers{buffers.data(), buffers.data() + count}, error);
        if (error && error != asio::error::would_block && error != asio::error::interrupted) {
            broken_ = true;
            end_later(world::LinkEnd::WriteError, error.message());
            return 0;
        }
        if (sent < offered) {
            wait_writable();
        }
        return sent;
    }

    void pause() { paused_ = true; }

    void resume() {
        if (std::exchange(paused_, false) && owner_ != nullptr) {
            wait_readable();
        }
    }

    world::Address local_;
    world::Address remote_;

private:
    void wait_readable() {
        if (waiting_to_read_ || paused_) {
            return;
        }
        waiting_to_read_ = true;
        socket_.async_wait(asio::ip::tcp::socket::wait_read,
                           [self = shared_from_this()](asio::error_code const& error) {
                               self->waiting_to_read_ = false;
                               if (!error && self->owner_ != nullptr && !self->paused_) {
                                   self->read();
                               }
                           });
    }

    void read() {
        std::span<char> const own = owner_->receive_space();
        auto& shared = loop_.read_buffer();
        auto const space = own.empty() ? asio::mutable_buffer(shared.data(), shared.size())
                                       : asio::mutable_buffer(own.data(), own.size());
        asio::error_code error;
        std::size_t const got = socket_.read_some(space, error);
        if (error == asio::error::would_block || error == asio::error::interrupted) {
            wait_readable();
            return;
        }
        if (error) {
            world::LinkOwner* const owner = std::exchange(owner_, nullptr);
            bool const eof = error == asio::error::eof;
            owner->ended(eof ? world::LinkEnd::ClosedByPeer : world::LinkEnd::ReadError,
                         error.message());
            return;
        }
        // Kept alive by the wait's handler, whatever the owner does.
        owner_->received(Bytes(static_cast<char const*>(space.data()), got));
        if (owner_ != nullptr) {
            wait_readable();
        }
    }

    void wait_writable() {
        if (std::exchange(waiting_to_write_, true)) {
            return;
        }
        socket_.async_wait(asio::ip::tcp::socket::wait_write,
                           [self = shared_from_this()](asio::error_code const& error) {
                               self->waiting_to_write_ = false;
                               if (!error && self->owner_ != nullptr) {
                                   self->owner_->writable();
                               }
                           });
    }

    void end_later(world::LinkEnd why, std::string detail) {
        loop_.defer([self = shared_from_this(), why, detail = std::move(detail)] {
            if (world::LinkOwner* const owner = std::exchange(self->owner_, nullptr)) {
                owner->ended(why, detail);
            }
        });
    }

    void drop_unread() {
        // Not the engine's buffer, for another connection may be on the stack with views into it.
        std::array<char, 16 * 1024> buffer;
        asio::error_code error;
        for (std::size_t dropped = 0; dropped < kDroppedAtEnd && !error;) {
            dropped += socket_.read_some(asio::buffer(buffer), error);
        }
    }

    EventLoop& loop_;
    asio::ip::tcp::socket socket_;
    world::LinkOwner* owner_ = nullptr;
    bool waiting_to_read_ = false;
    bool waiting_to_write_ = false;
    bool paused_ = false;
    bool broken_ = false;
};

SocketLink::SocketLink(EventLoop& loop, asio::ip::tcp::socket socket)
    : state_(std::make_shared<State>(loop, std::move(socket))) {}

SocketLink::~SocketLink() {
    state_->close();
}

void SocketLink::start(world::LinkOwner& owner) {
    state_->start(owner);
}

std::size_t SocketLink::send(std::span<Bytes const> pieces) {
    return state_->send(pieces);
}

void SocketLink::pause_reading() {
    state_->pause();
}

void SocketLink::resume_reading() {
    state_->resume();
}

world::Address const& SocketLink::local() const {
    return state_->local_;
}

world::Address const& SocketLink::remote() const {
    return state_->remote_;
}

world::Address address_of(asio::ip::tcp::endpoint const& endpoint) {
    asio::ip::address address = endpoint.address();
    if (address.is_v6() && address.to_v6().is_v4_mapped()) {
        address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
    }
    return {.host = address.to_string(), .port = endpoint.port()};
}

}  // namespace signalbox::native
