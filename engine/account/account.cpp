#include "engine/account/account.h"

#include "engine/base/check.h"

#include <utility>

namespace signalbox::account {
namespace {

/// The subscription's filter was valid when it came in.
subject::Filter filter_of(message::Subscription const& subscription) {
    return subject::Filter::from_checked(subscription.filter);
}

}  // namespace

message::Subscription& Account::subscribe(message::Subscription subscription) {
    Slots::Id const slot =
        subscriptions_.insert(std::make_unique<message::Subscription>(std::move(subscription)));
    message::Subscription& kept = **subscriptions_.find(slot);
    kept.id = {slot.index, slot.generation};
    index_of_interest_.insert(filter_of(kept), kept.queue, {.id = kept.id, .weight = 1});
    ++inserts_;
    return kept;
}

void Account::unsubscribe(message::Subscription& subscription) {
    bool const was_there =
        index_of_interest_.erase(filter_of(subscription), subscription.queue, subscription.id);
    CHECK(was_there);
    subscriptions_.take(slot_of(subscription.id));
    ++removes_;
}

message::Subscription* Account::find(subject::SubscriptionId id) {
    SubscriptionPtr* const found = subscriptions_.find(slot_of(id));
    return found == nullptr ? nullptr : found->get();
}

AccountDirectory::AccountDirectory() {
    accounts_.push_back(std::make_unique<Account>(kGlobalAccount, 0));
    accounts_.push_back(std::make_unique<Account>(kSystemAccount, 1));
}

Account* AccountDirectory::find(std::string_view name) {
    for (auto const& account : accounts_) {
        if (account->name() == name) {
            return account.get();
        }
    }
    return nullptr;
}

}  // namespace signalbox::account
