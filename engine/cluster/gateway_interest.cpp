#include "engine/cluster/gateway_interest.h"

#include "engine/base/text.h"

namespace signalbox::cluster {

using message::Subscription;
using message::SubscriptionKind;

namespace {

/// Requests to servers are taken over to the system account where they are made.
constexpr std::string_view kServerRequests = "$SYS.REQ.";

}  // namespace

/// All of this cluster; what hubs and other clusters want is theirs to tell.
bool GatewayInterest::is_told(account::Account const& account, Subscription const& of) {
    switch (of.kind) {
        case SubscriptionKind::Service:
        case SubscriptionKind::Hub:
            return false;
        case SubscriptionKind::Ordinary:
            return account.is_system() || of.recipient->connection_id() != 0 ||
                   !of.filter.starts_with(kServerRequests);
        default:
            return true;
    }
}

void GatewayInterest::make_key(Subscription const& subscription) {
    key_ = subscription.filter;
    if (!subscription.queue.empty()) {
        append(key_, ' ', subscription.queue);
    }
}

void GatewayInterest::begin(account::Account& account) {
    silent_ = true;
    account.for_each_subscription(
        [&](Subscription& subscription) { added(account, subscription); });
    silent_ = false;
}

void GatewayInterest::added(account::Account& account, Subscription const& subscription) {
    if (!is_told(account, subscription)) {
        return;
    }
    make_key(subscription);
    Counts& counts = accounts_[account.index()];
    auto const [at, is_new] = counts.try_emplace(key_, 0);
    ++at->second;
    if (is_new && !silent_) {
        changed_(account, subscription.filter, subscription.queue, true);
    }
}

void GatewayInterest::removing(account::Account& account, Subscription const& subscription) {
    if (!is_told(account, subscription)) {
        return;
    }
    make_key(subscription);
    Counts& counts = accounts_[account.index()];
    auto const found = counts.find(key_);
    if (found != counts.end() && --found->second == 0) {
        counts.erase(found);
        changed_(account, subscription.filter, subscription.queue, false);
    }
}

}  // namespace signalbox::cluster
