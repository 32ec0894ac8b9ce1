#include "engine/transport/transport.h"

#include <algorithm>
#include <array>
#include <utility>

namespace signalbox::transport {

void FlushQueue::add(Transport& transport) {
    dirty_.push_back(&transport);
}

void FlushQueue::remove(Transport& transport) {
    std::replace(dirty_.begin(), dirty_.end(), &transport, static_cast<Transport*>(nullptr));
}

void FlushQueue::staged(std::size_t bytes) {
    staged_ += bytes;
    if (staged_ > kTurnLimit) {
        flush_all();
    }
}

void FlushQueue::flush_all() {
    staged_ = 0;
    // A flush may make others dirty or destroy them, so the list is walked by position.
    for (std::size_t i = 0; i < dirty_.size(); ++i) {
        if (Transport* const transport = dirty_[i]) {
            transport->dirty_ = false;
            transport->flush();
        }
    }
    dirty_.clear();
}

Transport::Transport(World& world, FlushQueue& queue, std::unique_ptr<world::Link> link,
                     TransportOwner& owner)
    : world_(&world),
      queue_(&queue),
      owner_(&owner),
      outbox_(queue.pool()),
      link_(std::move(link)) {}

Transport::~Transport() {
    if (dirty_) {
        queue_->remove(*this);
    }
    if (deadline_timer_) {
        world_->timers().cancel(deadline_timer_);
    }
}

void Transport::secure(std::unique_ptr<tls::Session> session, Bytes received,
                       TlsLink::OnSecured done) {
    TlsLink::Before before{.received = std::string(received), .unsent = take_unsent()};
    link_ = std::make_unique<TlsLink>(*world_, std::move(link_), std::move(session),
                                      std::move(before), std::move(done));
    link_->start(*this);
}

void Transport::compress(compress::S2Level level, std::size_t budget, Bytes received) {
    CompressedLink::Before before{.received = std::string(received), .unsent = take_unsent()};
    auto link =
        std::make_unique<CompressedLink>(std::move(link_), level, budget, std::move(before));
    compressed_ = link.get();
    link_ = std::move(link);
    compressed_->start(*this);
}

/// What was to be sent and is not, for the layer that comes between.
std::string Transport::take_unsent() {
    flush();
    std::string unsent;
    std::array<Bytes, 16> pieces;
    while (outbox_.pending() > 0) {
        std::size_t const count = outbox_.front(pieces);
        std::size_t size = 0;
        for (std::size_t i = 0; i < count; ++i) {
            unsent.append(pieces[i]);
            size += pieces[i].size();
        }
        outbox_.consume(size);
        sent_ += size;
    }
    // Whatever the link owed was owed to this; from now on it is the layer's.
    blocked_ = false;
    return unsent;
}

void Transport::flush() {
    unflushed_ = 0;
    if (!blocked_) {
        write();
        owner_->flushed();
    }
}

void Transport::write() {
    std::array<Bytes, 64> pieces;
    while (outbox_.pending() > 0) {
        std::size_t const count = outbox_.front(pieces);
        std::size_t offered = 0;
        for (std::size_t i = 0; i < count; ++i) {
            offered += pieces[i].size();
        }
        std::size_t const taken = link_->send(std::span(pieces).first(count));
        outbox_.consume(taken);
        sent_ += taken;
        if (taken < offered) {
            blocked();
            return;
        }
    }
}

void Transport::blocked() {
    blocked_ = true;
    if (write_deadline_.count() > 0 && !deadline_timer_) {
        due_ = sent_ + outbox_.pending();
        deadline_timer_ = world_->timers().call_at(world_->clock().now() + write_deadline_, [this] {
            deadline_timer_ = {};
            check_deadline();
        });
    }
}

void Transport::check_deadline() {
    if (!blocked_) {
        return;
    }
    if (sent_ >= due_) {
        // All that was waiting then has gone; what came since has its own time.
        blocked();
        return;
    }
    owner_->deadline_passed();
}

void Transport::writable() {
    blocked_ = false;
    write();
    owner_->flushed();
    if (!blocked_) {
        if (deadline_timer_) {
            world_->timers().cancel(std::exchange(deadline_timer_, {}));
        }
        owner_->drained();
    }
}

void Transport::ended(world::LinkEnd why, std::string_view detail) {
    owner_->ended(why, detail);
}

}  // namespace signalbox::transport
