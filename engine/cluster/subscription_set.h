#pragma once

#include "engine/base/hash.h"
#include "engine/message/subscription.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox::cluster {

/// The subscriptions that stand for one peer, found by what the peer says of them; several may be
/// said alike. Open addressing with the hashes beside the pointers: servers tell each other of
/// hundreds of thousands at once, and each subscription that is looked at is a cache line missed.
class SubscriptionSet {
public:
    struct Key {
        std::string_view filter;
        std::string_view queue;
        bool by_leaf = false;  ///< Of a route: it comes from a leaf node.
    };

    /// For `wanted`: whichever has the key.
    static constexpr auto kAny = [](message::Subscription const&) { return true; };

    std::size_t size() const { return size_; }

    /// The key is `key_of` the subscription, which outlasts its place here.
    void insert(Key const& key, message::Subscription& subscription) {
        if ((size_ + 1) * 2 > slots_.size()) {
            grow();
        }
        put({hash_of(key), &subscription});
        ++size_;
    }

    /// One of that key of which `wanted` says yes, or null.
    template <class Wanted>
    message::Subscription* find(Key const& key, Wanted wanted) const {
        std::size_t const at = slot_of(key, wanted);
        return at == kNowhere ? nullptr : slots_[at].subscription;
    }

    /// As `find`; it is in here no more.
    template <class Wanted>
    message::Subscription* take(Key const& key, Wanted wanted) {
        std::size_t const at = slot_of(key, wanted);
        return at == kNowhere ? nullptr : take_at(at);
    }

    template <class Visit>
    void for_each(Visit visit) const {
        for (Slot const& slot : slots_) {
            if (slot.subscription != nullptr) {
                visit(*slot.subscription);
            }
        }
    }

    std::vector<message::Subscription*> all() const {
        std::vector<message::Subscription*> all;
        all.reserve(size_);
        for_each([&](message::Subscription& subscription) { all.push_back(&subscription); });
        return all;
    }

private:
    struct Slot {
        std::uint64_t hash = 0;
        message::Subscription* subscription = nullptr;  ///< Null: free.
    };
    static constexpr std::size_t kNowhere = ~std::size_t{0};
    static constexpr std::size_t kFirstSlots = 16;

    static std::uint64_t hash_of(Key const& key) {
        return base::hash_of(key.filter, key.queue.empty() && !key.by_leaf
                                             ? 0
                                             : base::hash_of(key.queue, key.by_leaf ? 2 : 1));
    }

    template <class Wanted>
    std::size_t slot_of(Key const& key, Wanted wanted) const {
        if (slots_.empty()) {
            return kNowhere;
        }
        std::uint64_t const hash = hash_of(key);
        std::size_t const mask = slots_.size() - 1;
        for (std::size_t at = hash & mask; slots_[at].subscription != nullptr;
             at = (at + 1) & mask) {
            if (slots_[at].hash != hash) {
                continue;
            }
            message::Subscription const& found = *slots_[at].subscription;
            if (found.filter == key.filter && found.queue == key.queue && wanted(found)) {
                return at;
            }
        }
        return kNowhere;
    }

    void put(Slot slot) {
        std::size_t const mask = slots_.size() - 1;
        std::size_t at = slot.hash & mask;
        while (slots_[at].subscription != nullptr) {
            at = (at + 1) & mask;
        }
        slots_[at] = slot;
    }

    void grow() {
        std::size_t const wider = slots_.empty() ? kFirstSlots : slots_.size() * 2;
        for (Slot const& slot : std::exchange(slots_, std::vector<Slot>(wider))) {
            if (slot.subscription != nullptr) {
                put(slot);
            }
        }
    }

    message::Subscription* take_at(std::size_t hole) {
        message::Subscription* const taken = slots_[hole].subscription;
        std::size_t const mask = slots_.size() - 1;
        // Close the hole: move back each follower that a search would otherwise no longer reach.
        for (std::size_t at = (hole + 1) & mask; slots_[at].subscription != nullptr;
             at = (at + 1) & mask) {
            std::size_t const home = slots_[at].hash & mask;
            if (((at - home) & mask) >= ((at - hole) & mask)) {
                slots_[hole] = slots_[at];
                hole = at;
            }
        }
        slots_[hole] = Slot{};
        --size_;
        return taken;
    }

    std::vector<Slot> slots_;  ///< A power of two long, or none.
    std::size_t size_ = 0;
};

}  // namespace signalbox::cluster
