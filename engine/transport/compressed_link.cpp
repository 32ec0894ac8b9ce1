#include "engine/transport/compressed_link.h"

#include <utility>

namespace signalbox::transport {
namespace {

/// An emptied buffer larger than this is given back.
constexpr std::size_t kKeptCapacity = 256 * 1024;

}  // namespace

CompressedLink::CompressedLink(std::unique_ptr<world::Link> link, compress::S2Level level,
                               std::size_t budget, Before before)
    : link_(std::move(link)), level_(level), reader_(budget), waiting_(std::move(before.unsent)) {
    reader_.feed(before.received);
}

CompressedLink::~CompressedLink() {
    if (destroyed_ != nullptr) {
        *destroyed_ = true;
    }
}

void CompressedLink::start(world::LinkOwner& owner) {
    bool const first = owner_ == nullptr;
    owner_ = &owner;
    if (first) {
        link_->start(*this);
        send_waiting();
    }
}

std::size_t CompressedLink::send(std::span<Bytes const> pieces) {
    if (over_) {
        return 0;
    }
    if (blocked_) {
        owes_writable_ = true;
        return 0;
    }
    std::size_t size = 0;
    if (pieces.size() == 1) {
        size = pieces.front().size();
        compress::append_s2_stream(waiting_, pieces.front(), level_);
    } else {
        plain_.clear();
        for (Bytes const piece : pieces) {
            plain_.append(piece);
        }
        size = plain_.size();
        compress::append_s2_stream(waiting_, plain_, level_);
        if (plain_.capacity() > kKeptCapacity) {
            plain_ = std::string();
        }
    }
    send_waiting();
    return size;
}

void CompressedLink::send_waiting() {
    while (sent_ < waiting_.size()) {
        Bytes const rest = Bytes(waiting_).substr(sent_);
        std::size_t const taken = link_->send({&rest, 1});
        sent_ += taken;
        if (taken < rest.size()) {
            blocked_ = true;
            return;
        }
    }
    sent_ = 0;
    waiting_.clear();
    if (waiting_.capacity() > kKeptCapacity) {
        waiting_ = std::string();
    }
}

void CompressedLink::writable() {
    blocked_ = false;
    send_waiting();
    if (!blocked_ && std::exchange(owes_writable_, false)) {
        owner_->writable();
    }
}

void CompressedLink::received(Bytes bytes) {
    reader_.feed(bytes);
    read();
}

void CompressedLink::read() {
    bool destroyed = false;
    bool* const outer = std::exchange(destroyed_, &destroyed);
    while (!over_) {
        Result<Bytes> const plain = reader_.next();
        if (!plain.ok()) {
            over_ = true;
            owner_->ended(world::LinkEnd::ReadError, plain.error().detail());
        } else if (plain.value().empty()) {
            break;
        } else {
            owner_->received(plain.value());
        }
        if (destroyed) {
            if (outer != nullptr) {
                *outer = true;
            }
            return;
        }
    }
    destroyed_ = outer;
}

void CompressedLink::ended(world::LinkEnd why, std::string_view detail) {
    if (!std::exchange(over_, true)) {
        owner_->ended(why, detail);
    }
}

}  // namespace signalbox::transport
