#include "engine/cluster/route_interest.h"

#include "engine/base/text.h"

#include <utility>

namespace signalbox::cluster {

using message::Subscription;
using message::SubscriptionKind;

namespace {

/// Requests to servers are taken over to the system account where they are made.
constexpr std::string_view kServerRequests = "$SYS.REQ.";
/// Each server answers for the users that it has itself.
constexpr std::string_view kUserRequests = "$SYS.REQ.USER.";

}  // namespace

/// What stands for other servers of the cluster, or for a hub, is theirs to tell.
bool RouteInterest::is_told(account::Account const& account, Subscription const& of) {
    switch (of.kind) {
        case SubscriptionKind::Service:
        case SubscriptionKind::Routed:
        case SubscriptionKind::Hub:
            return false;
        case SubscriptionKind::Ordinary:
            return of.recipient->connection_id() != 0 ||
                   !of.filter.starts_with(account.is_system() ? kUserRequests : kServerRequests);
        case SubscriptionKind::Shadow:
        case SubscriptionKind::Answers:
        case SubscriptionKind::Leaf:
            return true;
    }
    return false;
}

void RouteInterest::make_key(Subscription const& subscription) {
    key_.clear();
    if (subscription.kind == SubscriptionKind::Leaf) {
        key_ += subscription.sid;
    }
    append(key_, ' ', subscription.filter);
    if (!subscription.queue.empty()) {
        append(key_, ' ', subscription.queue);
    }
}

protocol::PeerInterest RouteInterest::interest_of(std::string_view key,
                                                  account::Account const& account,
                                                  std::uint32_t count) {
    protocol::PeerInterest interest;
    std::size_t const filter = key.find(' ') + 1;
    std::size_t const end = key.find(' ', filter);
    interest.origin = key.substr(0, filter - 1);
    interest.by_leaf = !interest.origin.empty();
    interest.account = account.name();
    interest.filter = key.substr(filter, end - filter);
    interest.queue = end == std::string_view::npos ? std::string_view() : key.substr(end + 1);
    interest.weight = count;
    return interest;
}

void RouteInterest::count(account::Account& account) {
    account.for_each_subscription(
        [&](Subscription& subscription) { added(account, subscription); });
}

void RouteInterest::change(account::Account& account, Subscription const& subscription,
                           std::int64_t by) {
    if (by == 0 || !is_told(account, subscription)) {
        return;
    }
    make_key(subscription);
    Counts& counts = accounts_[account.index()];
    auto found = counts.find(key_);
    if (found == counts.end()) {
        found = counts.emplace(key_, 0).first;
    }
    std::int64_t const now = found->second + by;
    bool const first = found->second == 0;
    found->second = now > 0 ? static_cast<std::uint32_t>(now) : 0;
    if (first || now <= 0 || !subscription.queue.empty()) {
        changed_(account, interest_of(found->first, account, found->second));
    }
    if (now <= 0) {
        counts.erase(found);
    }
}

void RouteInterest::added(account::Account& account, Subscription const& subscription) {
    change(account, subscription, subscription.weight);
}

void RouteInterest::removing(account::Account& account, Subscription const& subscription) {
    change(account, subscription, -static_cast<std::int64_t>(subscription.weight));
}

void RouteInterest::reweighed(account::Account& account, Subscription const& subscription,
                              std::uint32_t weight) {
    change(account, subscription,
           static_cast<std::int64_t>(subscription.weight) - static_cast<std::int64_t>(weight));
}

}  // namespace signalbox::cluster
