#pragma once

#include "engine/base/hash.h"
#include "engine/message/subscription.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_set>

namespace signalbox::connection {

/// The subscriptions of one connection by the client's own names for them. They are owned by the
/// account; here they are found.
class ClientSubscriptions {
public:
    /// `hash_seed`: a secret, from which the client cannot choose names that fall together.
    explicit ClientSubscriptions(std::uint64_t hash_seed) : by_sid_(0, Hash{hash_seed}) {}

    /// None of that name: null.
    message::Subscription* find(std::string_view sid) const {
        auto const found = by_sid_.find(sid);
        return found == by_sid_.end() ? nullptr : *found;
    }

    void add(message::Subscription& subscription) { by_sid_.insert(&subscription); }
    void remove(message::Subscription& subscription) { by_sid_.erase(&subscription); }
    std::size_t size() const { return by_sid_.size(); }

    /// Calls `visit` for each, in an order that is the same for the same history.
    template <class Visit>
    void for_each(Visit visit) const {
        for (message::Subscription* const subscription : by_sid_) {
            visit(*subscription);
        }
    }

    /// Takes out any one; null: there are none.
    message::Subscription* take_any() {
        if (by_sid_.empty()) {
            return nullptr;
        }
        message::Subscription* const subscription = *by_sid_.begin();
        by_sid_.erase(by_sid_.begin());
        return subscription;
    }

private:
    static std::string_view sid_of(message::Subscription const* s) { return s->sid; }
    static std::string_view sid_of(std::string_view sid) { return sid; }

    struct Hash {
        using is_transparent = void;
        std::uint64_t seed = 0;
        template <class Key>
        std::size_t operator()(Key const& key) const {
            return base::hash_of(sid_of(key), seed);
        }
    };
    struct Equal {
        using is_transparent = void;
        template <class A, class B>
        bool operator()(A const& a, B const& b) const {
            return sid_of(a) == sid_of(b);
        }
    };

    std::unordered_set<message::Subscription*, Hash, Equal> by_sid_;
};

}  // namespace signalbox::connection
