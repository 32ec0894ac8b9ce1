#pragma once

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/jetstream/consumer/consumer_config.h"
#include "engine/jetstream/consumer/pending_table.h"
#include "engine/jetstream/consumer/varint.h"

#include <cstdint>
#include <functional>
#include <set>
#include <string>

namespace signalbox::jetstream {

/// A place in the deliveries of a consumer, and in its stream.
struct Position {
    std::uint64_t consumer_sequence = 0;
    std::uint64_t stream_sequence = 0;

    friend bool operator==(Position const&, Position const&) = default;
};

/// What was delivered and what was acked: all that a consumer has to know again after a restart.
///
/// Knows neither clients nor time: it is told what happened. The ack floor never falls, and no
/// message at or below it is pending.
class ConsumerState {
public:
    ConsumerState() = default;
    /// Begins at `first`, the next sequence to be delivered.
    ConsumerState(AckPolicy policy, std::uint64_t first);

    Position const& delivered() const { return delivered_; }
    /// Everything at or below is acked, or was given up.
    Position const& ack_floor() const { return floor_; }
    std::uint64_t next() const { return delivered_.stream_sequence + 1; }

    PendingTable const& pending() const { return pending_; }
    PendingDelivery* find(std::uint64_t sequence) { return pending_.find(sequence); }
    template <class Visit>
    void for_each_pending(Visit visit) {
        pending_.for_each(visit);
    }
    /// Messages of which more than one delivery was made and that are not acked.
    std::size_t redelivered() const { return redelivered_ + exceeded_.size(); }

    /// The first delivery of a message, which is past all others.
    void deliver(std::uint64_t sequence, WallTime now);
    /// One more of a message that is pending. Answers its number, from 2; 0: it is not pending.
    std::uint32_t redeliver(std::uint64_t sequence, WallTime now);
    /// Nothing of interest is before `next`.
    void skip_to(std::uint64_t next);
    /// False: it was not pending.
    bool ack(std::uint64_t sequence);
    /// Acks everything up to `sequence`, in order; calls `acked` with each.
    void ack_all(std::uint64_t sequence, std::function<void(PendingDelivery const&)> const& acked);
    /// It was delivered as often as it may be, and is pending no more; its stream keeps it.
    bool exceed(std::uint64_t sequence);
    /// It is no more in the stream.
    void forget(std::uint64_t sequence);
    /// Begins anew at `next`.
    void reset(std::uint64_t next);

    /// Whether the message was delivered and the client is not done with it.
    bool is_open(std::uint64_t sequence) const {
        return pending_.find(sequence) != nullptr || exceeded_.contains(sequence);
    }
    /// Whether it has not been delivered, or not been done with: by its sequence alone.
    bool has_to_come(std::uint64_t sequence) const {
        return sequence > delivered_.stream_sequence || is_open(sequence);
    }

    void save(std::string& out) const;
    /// Errors: Corrupt.
    static Result<ConsumerState> restore(VarintReader& in);

private:
    void erase(PendingDelivery& delivery);
    void settle(std::uint64_t acked);

    AckPolicy policy_ = AckPolicy::None;
    Position delivered_;
    Position floor_;
    PendingTable pending_;
    std::set<std::uint64_t> exceeded_;
    std::size_t redelivered_ = 0;  ///< Of those pending.
};

}  // namespace signalbox::jetstream
