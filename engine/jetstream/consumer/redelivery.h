#pragma once

#include "engine/jetstream/consumer/alarm.h"
#include "engine/jetstream/consumer/consumer_home.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

namespace signalbox::jetstream {

struct PendingDelivery;

/// Which deliveries of one consumer are to be made again, because nobody acked them in time or
/// somebody asked for it.
class Redelivery {
public:
    /// `due` is called when there is one.
    Redelivery(ConsumerHome& home, Consumer& consumer, std::function<void()> due);

    /// The next one; nothing: none is due. Those that were delivered as often as they may be are
    /// given up on the way.
    std::optional<std::uint64_t> next();
    /// The one that `next` answered is delivered, or gone.
    void pop() { queue_.pop_front(); }
    std::size_t size() const { return queue_.size(); }

    /// Something was delivered: it is due after its ack wait.
    void delivered();
    /// The client wants it again, now or after a while.
    void nak(std::uint64_t sequence, std::optional<Duration> delay);
    /// The client needs more time for it.
    void extend(std::uint64_t sequence);

    /// The ack wait is another, or time passed that nobody counted.
    void look();
    void clear();

private:
    /// How long after its last delivery; nothing: it is never due.
    std::optional<Duration> wait_for(std::uint32_t deliveries) const;
    std::optional<std::int64_t> due_of(PendingDelivery const& delivery) const;
    bool is_used_up(PendingDelivery const& delivery) const;
    void give_up(std::uint64_t sequence);
    void set_alarm(std::int64_t due);

    ConsumerHome& home_;
    Consumer& consumer_;
    std::function<void()> due_;
    std::deque<std::uint64_t> queue_;
    Alarm alarm_;
};

}  // namespace signalbox::jetstream
