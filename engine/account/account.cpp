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

void Account::change(config::AccountOptions options, std::string_view cluster) {
    // Who holds the permissions of before, holds them for as long as they are the same.
    if (options.default_permissions != options_.default_permissions) {
        default_permissions_ =
            options.default_permissions
                ? std::make_shared<permission::Permissions const>(*options.default_permissions)
                : nullptr;
    }
    bool const mapped_otherwise =
        options.mappings != options_.mappings || cluster != cluster_of_mappings_;
    cluster_of_mappings_ = std::string(cluster);
    options_ = std::move(options);
    options_.users.clear();
    if (mapped_otherwise) {
        make_mappings();
    }
}

void Account::make_mappings() {
    std::vector<config::MappingOptions> all = options_.mappings;
    all.insert(all.end(), always_mapped_.begin(), always_mapped_.end());
    auto table = std::make_unique<MappingTable>(all, cluster_of_mappings_);
    mappings_ = table->empty() ? nullptr : std::move(table);
}

void Account::map_always(std::vector<config::MappingOptions> mappings) {
    if (mappings != always_mapped_) {
        always_mapped_ = std::move(mappings);
        make_mappings();
    }
}

bool Account::has_room_for_client() const {
    std::int64_t const most = limits().max_connections;
    return most < 0 || usage_.clients + clients_elsewhere_ < most;
}

void Account::count_elsewhere(std::string const& server_id, std::int64_t clients) {
    auto const at = elsewhere_.try_emplace(server_id, 0).first;
    clients_elsewhere_ += clients - at->second;
    at->second = clients;
    if (clients == 0) {
        elsewhere_.erase(at);
    }
}

void Account::client_joined() {
    ++usage_.clients;
    ++usage_.connections_ever;
}

message::Subscription& Account::subscribe(message::Subscription subscription) {
    Slots::Id const slot =
        subscriptions_.insert(std::make_unique<message::Subscription>(std::move(subscription)));
    message::Subscription& kept = **subscriptions_.find(slot);
    kept.id = {slot.index, slot.generation};
    index_of_interest_.insert(filter_of(kept), kept.queue, {.id = kept.id, .weight = 1});
    ++inserts_;
    if (listeners_ != nullptr) {
        for (InterestListener* const listener : *listeners_) {
            listener->added(*this, kept);
        }
    }
    return kept;
}

void Account::unsubscribe(message::Subscription& subscription) {
    if (listeners_ != nullptr) {
        for (InterestListener* const listener : *listeners_) {
            listener->removing(*this, subscription);
        }
    }
    bool const was_there =
        index_of_interest_.erase(filter_of(subscription), subscription.queue, subscription.id);
    CHECK(was_there);
    subscriptions_.take(slot_of(subscription.id));
    ++removes_;
}

void Account::reweigh(message::Subscription& subscription, std::uint32_t weight) {
    std::uint32_t const before = std::exchange(subscription.weight, weight);
    if (listeners_ != nullptr && before != weight) {
        for (InterestListener* const listener : *listeners_) {
            listener->reweighed(*this, subscription, before);
        }
    }
}

message::Subscription* Account::find(subject::SubscriptionId id) {
    SubscriptionPtr* const found = subscriptions_.find(slot_of(id));
    return found == nullptr ? nullptr : found->get();
}

}  // namespace signalbox::account
