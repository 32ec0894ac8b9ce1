#include "engine/jetstream/consumer/consumer_state.h"

#include <utility>
#include <vector>

namespace signalbox::jetstream {

ConsumerState::ConsumerState(AckPolicy policy, std::uint64_t first) : policy_(policy) {
    skip_to(first);
    floor_ = delivered_;
}

/// As the reference has it: the floor moves when the delivery right above it is acked, or when
/// nothing is left to be acked, and not for what is given up.
void ConsumerState::settle(std::uint64_t acked) {
    if (pending_.empty()) {
        floor_ = delivered_;
    } else if (acked == floor_.consumer_sequence + 1) {
        PendingDelivery const& first = *pending_.first();
        floor_ = {first.consumer_sequence - 1, first.stream_sequence - 1};
    }
}

void ConsumerState::deliver(std::uint64_t sequence, WallTime now) {
    ++delivered_.consumer_sequence;
    delivered_.stream_sequence = sequence;
    if (policy_ == AckPolicy::None) {
        floor_ = delivered_;
        return;
    }
    pending_.add({.stream_sequence = sequence,
                  .consumer_sequence = delivered_.consumer_sequence,
                  .delivered_at = now.since_epoch().count()});
}

std::uint32_t ConsumerState::redeliver(std::uint64_t sequence, WallTime now) {
    PendingDelivery* const delivery = pending_.find(sequence);
    if (delivery == nullptr) {
        return 0;
    }
    ++delivered_.consumer_sequence;
    redelivered_ += delivery->deliveries == 1 ? 1 : 0;
    ++delivery->deliveries;
    delivery->delivered_at = now.since_epoch().count();
    delivery->due = 0;
    delivery->queued = false;
    return delivery->deliveries;
}

void ConsumerState::skip_to(std::uint64_t next) {
    if (next > delivered_.stream_sequence + 1) {
        delivered_.stream_sequence = next - 1;
        settle(0);
    }
}

void ConsumerState::erase(PendingDelivery& delivery) {
    redelivered_ -= delivery.deliveries > 1 ? 1 : 0;
    pending_.erase(delivery);
}

bool ConsumerState::ack(std::uint64_t sequence) {
    PendingDelivery* const delivery = pending_.find(sequence);
    if (delivery == nullptr) {
        return exceeded_.erase(sequence) != 0;
    }
    std::uint64_t const acked = delivery->consumer_sequence;
    erase(*delivery);
    settle(acked);
    return true;
}

void ConsumerState::ack_all(std::uint64_t sequence,
                            std::function<void(PendingDelivery const&)> const& acked) {
    while (PendingDelivery const* const first = pending_.first()) {
        if (first->stream_sequence > sequence) {
            break;
        }
        PendingDelivery const done = *first;
        erase(*pending_.find(done.stream_sequence));
        // All before it are acked, whatever was given up among them.
        floor_ = {done.consumer_sequence, done.stream_sequence};
        settle(done.consumer_sequence);
        acked(done);
    }
    exceeded_.erase(exceeded_.begin(), exceeded_.upper_bound(sequence));
}

bool ConsumerState::exceed(std::uint64_t sequence) {
    PendingDelivery* const delivery = pending_.find(sequence);
    if (delivery == nullptr) {
        return false;
    }
    erase(*delivery);
    exceeded_.insert(sequence);
    return true;
}

void ConsumerState::forget(std::uint64_t sequence) {
    ack(sequence);
}

void ConsumerState::reset(std::uint64_t next) {
    pending_.clear();
    exceeded_.clear();
    redelivered_ = 0;
    delivered_ = {0, next - 1};
    floor_ = delivered_;
}

void ConsumerState::save(std::string& out) const {
    append_varint(out, static_cast<std::uint64_t>(policy_));
    for (Position const& position : {delivered_, floor_}) {
        append_varint(out, position.consumer_sequence);
        append_varint(out, position.stream_sequence);
    }
    append_varint(out, pending_.size());
    std::uint64_t before = 0;
    pending_.for_each([&](PendingDelivery const& delivery) {
        append_varint(out,
                      delivery.stream_sequence - std::exchange(before, delivery.stream_sequence));
        append_varint(out, delivery.consumer_sequence);
        append_varint(out, static_cast<std::uint64_t>(delivery.delivered_at));
        append_varint(out, static_cast<std::uint64_t>(delivery.due));
        append_varint(out, delivery.deliveries);
    });
    append_varint(out, exceeded_.size());
    for (std::uint64_t const sequence : exceeded_) {
        append_varint(out, sequence);
    }
}

Result<ConsumerState> ConsumerState::restore(VarintReader& in) {
    ConsumerState state;
    state.policy_ = static_cast<AckPolicy>(in.number() & 3);
    for (Position* const position : {&state.delivered_, &state.floor_}) {
        position->consumer_sequence = in.number();
        position->stream_sequence = in.number();
    }
    std::uint64_t sequence = 0;
    for (std::uint64_t left = in.number(); left > 0 && in.sound(); --left) {
        sequence += in.number();
        PendingDelivery delivery{.stream_sequence = sequence};
        delivery.consumer_sequence = in.number();
        delivery.delivered_at = static_cast<std::int64_t>(in.number());
        delivery.due = static_cast<std::int64_t>(in.number());
        delivery.deliveries = static_cast<std::uint32_t>(in.number());
        if (!in.sound() || delivery.consumer_sequence == 0) {
            return Error(Errc::Corrupt, "pending deliveries of a consumer");
        }
        state.pending_.add(delivery);
        state.redelivered_ += delivery.deliveries > 1 ? 1 : 0;
    }
    for (std::uint64_t left = in.number(); left > 0 && in.sound(); --left) {
        state.exceeded_.insert(in.number());
    }
    if (!in.sound()) {
        return Error(Errc::Corrupt, "state of a consumer");
    }
    return state;
}

}  // namespace signalbox::jetstream
