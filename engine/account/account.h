#pragma once

#include "engine/base/slot_map.h"
#include "engine/message/recipient.h"
#include "engine/message/subscription.h"
#include "engine/subject/interest_index.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::account {

inline constexpr char kGlobalAccount[] = "$G";
inline constexpr char kSystemAccount[] = "$SYS";

/// The wall around subjects: its subscriptions see its messages alone.
class Account {
public:
    Account(std::string name, std::uint32_t index) : name_(std::move(name)), index_(index) {}

    Account(Account const&) = delete;
    Account& operator=(Account const&) = delete;

    std::string const& name() const { return name_; }
    /// Of this account among those of its server, from 0: for tables beside it.
    std::uint32_t index() const { return index_; }
    bool is_system() const { return name_ == kSystemAccount; }

    /// Adds a subscription; its `filter` is valid. The reference lasts until it is removed.
    message::Subscription& subscribe(message::Subscription subscription);

    /// It must be one of this account's.
    void unsubscribe(message::Subscription& subscription);

    message::Subscription* find(subject::SubscriptionId id);

    subject::InterestIndex const& interest() const { return index_of_interest_; }
    std::size_t subscription_count() const { return index_of_interest_.size(); }
    std::uint64_t inserts() const { return inserts_; }
    std::uint64_t removes() const { return removes_; }

    /// In no particular order, but the same one for the same history.
    template <class Visit>
    void for_each_subscription(Visit visit) {
        subscriptions_.for_each([&](auto, SubscriptionPtr& s) { visit(*s); });
    }

private:
    using SubscriptionPtr = std::unique_ptr<message::Subscription>;
    using Slots = base::SlotMap<SubscriptionPtr>;

    static Slots::Id slot_of(subject::SubscriptionId id) { return {id.index, id.generation}; }

    std::string name_;
    std::uint32_t index_;
    subject::InterestIndex index_of_interest_;
    Slots subscriptions_;
    std::uint64_t inserts_ = 0;
    std::uint64_t removes_ = 0;
};

/// The accounts of one server. `$G` and `$SYS` are always there.
class AccountDirectory {
public:
    AccountDirectory();

    Account& global() { return *accounts_[0]; }
    Account& system() { return *accounts_[1]; }

    /// None of that name: null.
    Account* find(std::string_view name);

    /// In the order they were made.
    std::vector<std::unique_ptr<Account>> const& all() const { return accounts_; }

private:
    std::vector<std::unique_ptr<Account>> accounts_;
};

}  // namespace signalbox::account
