#include "engine/cluster/leaf_interest.h"

#include "engine/base/text.h"
#include "engine/cluster/leaf_rules.h"

#include <utility>

namespace signalbox::cluster {

using message::Subscription;
using message::SubscriptionKind;

std::pair<std::string_view, std::string_view> LeafInterest::parts_of(std::string_view key) {
    std::size_t const blank = key.find(' ');
    return blank == std::string_view::npos ? std::pair(key, std::string_view())
                                           : std::pair(key.substr(0, blank), key.substr(blank + 1));
}

/// Whoever is attached is told of everything but what came from its own cluster. A hub asks each
/// server of a cluster for itself: what others of it listen to, and other hubs, is not ours to
/// tell.
bool LeafInterest::is_told(Subscription const& of) const {
    if (of.recipient == listener_.itself) {
        return false;
    }
    switch (of.kind) {
        case SubscriptionKind::Routed:
            return !listener_.is_hub && (of.sid.empty() || of.sid != listener_.cluster);
        case SubscriptionKind::Hub:
            return !listener_.is_hub && of.sid != listener_.cluster;
        case SubscriptionKind::Leaf:
            return of.sid != listener_.cluster &&
                   (!listener_.isolated || of.filter.starts_with(kLoopPrefix));
        default:
            return true;
    }
}

void LeafInterest::begin(account::Account& account) {
    silent_ = true;
    account.for_each_subscription([this](Subscription& subscription) { added(subscription); });
    mappings_changed(account);
    silent_ = false;
}

void LeafInterest::mappings_changed(account::Account const& account) {
    std::vector<std::string> const before = std::exchange(mapped_, {});
    for (config::MappingOptions const& mapping : account.options().mappings) {
        mapped_.push_back(mapping.source);
        change(mapping.source, {}, 1);
    }
    for (std::string const& source : before) {
        change(source, {}, -1);
    }
}

void LeafInterest::change(Subscription const& subscription, std::int64_t by) {
    if (by != 0 && is_told(subscription)) {
        change(subscription.filter, subscription.queue, by);
    }
}

void LeafInterest::change(std::string_view filter, std::string_view queue, std::int64_t by) {
    key_.assign(filter);
    if (!queue.empty()) {
        append(key_, ' ', queue);
    }
    auto found = counts_.find(key_);
    if (found == counts_.end()) {
        found = counts_.emplace(key_, 0).first;
    }
    std::int64_t const now = found->second + by;
    bool const first = found->second == 0;
    found->second = now > 0 ? static_cast<std::uint32_t>(now) : 0;
    if (!silent_ && (first || now <= 0 || !queue.empty())) {
        changed_(filter, queue, found->second);
    }
    if (now <= 0) {
        counts_.erase(found);
    }
}

void LeafInterest::added(Subscription const& subscription) {
    change(subscription, subscription.weight);
}

void LeafInterest::removing(Subscription const& subscription) {
    change(subscription, -static_cast<std::int64_t>(subscription.weight));
}

void LeafInterest::reweighed(Subscription const& subscription, std::uint32_t weight) {
    change(subscription,
           static_cast<std::int64_t>(subscription.weight) - static_cast<std::int64_t>(weight));
}

}  // namespace signalbox::cluster
