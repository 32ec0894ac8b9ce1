#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace signalbox::jetstream {

/// A message that was delivered and is not acked.
struct PendingDelivery {
    std::uint64_t stream_sequence = 0;
    std::uint64_t consumer_sequence = 0;  ///< Of the first delivery; 0: acked, the place is free.
    std::int64_t delivered_at = 0;        ///< The last time; nanoseconds since 1970, by the log.
    std::int64_t due = 0;                 ///< When it is delivered again; 0: by the ack wait.
    std::uint32_t deliveries = 1;
    bool queued = false;  ///< It waits to be delivered again.
};

/// The deliveries that are not acked, in the order of their sequences.
///
/// New ones always come last and most acks are of the first, so it is an array with a moving front,
/// searched by halves; what is acked in the middle stays as a hole until holes are the most of it.
class PendingTable {
public:
    /// `delivery` is past all that are there.
    void add(PendingDelivery delivery) {
        entries_.push_back(delivery);
        ++live_;
    }

    /// Lasts until the next change.
    PendingDelivery* find(std::uint64_t sequence) {
        auto const at = std::lower_bound(
            entries_.begin() + static_cast<std::ptrdiff_t>(front_), entries_.end(), sequence,
            [](PendingDelivery const& a, std::uint64_t b) { return a.stream_sequence < b; });
        bool const found =
            at != entries_.end() && at->stream_sequence == sequence && at->consumer_sequence != 0;
        return found ? &*at : nullptr;
    }
    PendingDelivery const* find(std::uint64_t sequence) const {
        return const_cast<PendingTable*>(this)->find(sequence);
    }

    /// `delivery` is one that `find` answered.
    void erase(PendingDelivery& delivery) {
        delivery.consumer_sequence = 0;
        --live_;
        while (front_ < entries_.size() && entries_[front_].consumer_sequence == 0) {
            ++front_;
        }
        if (live_ == 0) {
            clear();
        } else if (entries_.size() > 2 * live_ + kHoles) {
            tidy();
        }
    }

    /// The one with the lowest sequence; null: there is none.
    PendingDelivery const* first() const { return live_ == 0 ? nullptr : &entries_[front_]; }

    std::size_t size() const { return live_; }
    bool empty() const { return live_ == 0; }

    void clear() {
        entries_.clear();
        front_ = 0;
        live_ = 0;
    }

    /// In order. `visit` changes nothing but the delivery it is given.
    template <class Visit>
    void for_each(Visit visit) {
        for (std::size_t i = front_; i < entries_.size(); ++i) {
            if (entries_[i].consumer_sequence != 0) {
                visit(entries_[i]);
            }
        }
    }
    template <class Visit>
    void for_each(Visit visit) const {
        const_cast<PendingTable*>(this)->for_each(
            [&](PendingDelivery const& delivery) { visit(delivery); });
    }

private:
    static constexpr std::size_t kHoles = 64;  ///< Not worth moving anything.

    void tidy() {
        std::erase_if(entries_, [](PendingDelivery const& d) { return d.consumer_sequence == 0; });
        front_ = 0;
    }

    std::vector<PendingDelivery> entries_;
    std::size_t front_ = 0;  ///< Of the first one that is not acked.
    std::size_t live_ = 0;
};

}  // namespace signalbox::jetstream
