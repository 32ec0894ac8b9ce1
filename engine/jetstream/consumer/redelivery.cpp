#include "engine/jetstream/consumer/redelivery.h"

#include "engine/jetstream/consumer/advisories.h"
#include "engine/jetstream/consumer/consumer.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace signalbox::jetstream {
namespace {

/// Deliveries that are due so soon after another are dealt with together, the more there are the
/// longer: each look goes over all that is pending.
constexpr Duration kTogether = base::milliseconds(1);
constexpr Duration kForEachPending(100);

}  // namespace

Redelivery::Redelivery(ConsumerHome& home, Consumer& consumer, std::function<void()> due)
    : home_(home),
      consumer_(consumer),
      due_(std::move(due)),
      alarm_(home.host().world(), [this] { look(); }) {
    look();
}

std::optional<Duration> Redelivery::wait_for(std::uint32_t deliveries) const {
    AckSettings const& acks = consumer_.config().acks;
    if (acks.policy != AckPolicy::Explicit && acks.policy != AckPolicy::All) {
        return std::nullopt;
    }
    if (acks.backoff.empty()) {
        return acks.wait;
    }
    std::size_t const step = std::min<std::size_t>(deliveries, acks.backoff.size());
    return acks.backoff[step - 1];
}

std::optional<std::int64_t> Redelivery::due_of(PendingDelivery const& delivery) const {
    if (delivery.due != 0) {
        return delivery.due;
    }
    std::optional<Duration> const wait = wait_for(delivery.deliveries);
    if (!wait) {
        return std::nullopt;
    }
    return delivery.delivered_at + wait->count();
}

bool Redelivery::is_used_up(PendingDelivery const& delivery) const {
    std::int64_t const most = consumer_.config().acks.max_deliver;
    return most > 0 && static_cast<std::int64_t>(delivery.deliveries) >= most;
}

void Redelivery::give_up(std::uint64_t sequence) {
    PendingDelivery const* const delivery = consumer_.state().find(sequence);
    AckDetail const detail{.consumer_sequence = delivery->consumer_sequence,
                           .stream_sequence = sequence,
                           .deliveries = delivery->deliveries};
    consumer_.state().exceed(sequence);
    home_.note(
        consumer_,
        {.kind = Progress::Kind::Exceeded, .consumer = consumer_.id(), .sequence = sequence});
    home_.advisories().max_deliveries(consumer_, detail);
}

std::optional<std::uint64_t> Redelivery::next() {
    while (!queue_.empty()) {
        std::uint64_t const sequence = queue_.front();
        PendingDelivery const* const delivery = consumer_.state().find(sequence);
        if (delivery != nullptr && delivery->queued) {
            if (!is_used_up(*delivery)) {
                return sequence;
            }
            give_up(sequence);
        }
        queue_.pop_front();
    }
    return std::nullopt;
}

void Redelivery::set_alarm(std::int64_t due) {
    Duration const wait(due - home_.now().since_epoch().count());
    Instant const now = home_.host().world().clock().now();
    auto const pending = static_cast<std::int64_t>(consumer_.state().pending().size());
    alarm_.by(now + std::max({wait, kTogether, kForEachPending * pending}));
}

void Redelivery::delivered() {
    if (!alarm_.is_set()) {
        look();
        return;
    }
    // With backoff the first wait need not be the longest, nor the next one due.
    if (std::optional<Duration> const wait = wait_for(1)) {
        set_alarm(home_.now().since_epoch().count() + wait->count());
    }
}

void Redelivery::nak(std::uint64_t sequence, std::optional<Duration> delay) {
    PendingDelivery* const delivery = consumer_.state().find(sequence);
    if (delivery == nullptr) {
        return;
    }
    if (delay) {
        delivery->queued = false;
        delivery->due = home_.now().since_epoch().count() + delay->count();
        home_.note(consumer_, {.kind = Progress::Kind::Delayed,
                               .consumer = consumer_.id(),
                               .sequence = sequence,
                               .due = delivery->due});
        set_alarm(delivery->due);
        return;
    }
    if (is_used_up(*delivery)) {
        give_up(sequence);
    } else if (!delivery->queued) {
        delivery->queued = true;
        queue_.push_back(sequence);
    }
    due_();
}

void Redelivery::extend(std::uint64_t sequence) {
    if (PendingDelivery* const delivery = consumer_.state().find(sequence)) {
        delivery->delivered_at = home_.now().since_epoch().count();
        delivery->due = 0;
    }
}

void Redelivery::look() {
    std::int64_t const now = home_.now().since_epoch().count();
    std::optional<std::int64_t> next;
    std::vector<std::uint64_t> used_up;
    bool any = false;
    consumer_.state().for_each_pending([&](PendingDelivery& delivery) {
        std::optional<std::int64_t> const due = due_of(delivery);
        if (delivery.queued || !due) {
            return;
        }
        if (*due > now) {
            next = next ? std::min(*next, *due) : *due;
        } else if (is_used_up(delivery)) {
            used_up.push_back(delivery.stream_sequence);
        } else {
            delivery.queued = true;
            queue_.push_back(delivery.stream_sequence);
            any = true;
        }
    });
    for (std::uint64_t const sequence : used_up) {
        give_up(sequence);
    }
    alarm_.cancel();
    if (next) {
        set_alarm(*next);
    }
    if (any || !used_up.empty()) {
        due_();
    }
}

void Redelivery::clear() {
    queue_.clear();
    alarm_.cancel();
}

}  // namespace signalbox::jetstream
