#pragma once

#include "engine/account/account.h"
#include "engine/dispatch/match_cache.h"
#include "engine/dispatch/remote_interest.h"
#include "engine/message/recipient.h"
#include "engine/observe/observation.h"
#include "engine/world/clock.h"
#include "engine/world/entropy.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace signalbox::dispatch {

/// Counts for monitoring.
struct DispatchStats {
    std::uint64_t matches = 0;  ///< Messages that were looked up.
    std::uint64_t cache_hits = 0;
    std::uint64_t cache_entries = 0;
};

/// How many recipients the cached subjects have, a queue group counting as one.
struct FanoutStats {
    std::uint64_t max = 0;
    std::uint64_t total = 0;  ///< Of all of them together.
};

/// Finds the recipients of one message and hands it over.
class Dispatcher {
public:
    /// All outlive the dispatcher.
    Dispatcher(world::Clock& clock, world::Entropy& entropy, RemoteInterest& remote,
               observe::Observation& observation);

    message::Subscription& subscribe(account::Account& account, message::Subscription subscription);

    /// Removes it now. Not from within `Recipient::deliver`.
    void unsubscribe(account::Account& account, message::Subscription& subscription);

    /// Each message to each plain subscription and to one member of each queue group. Answers how
    /// many deliveries that were.
    std::uint64_t publish(account::Account& account, message::MessageRun const& run,
                          message::Publisher& publisher);

    /// A plain subscription of `recipient` that `subject` matches; null: it has none.
    message::Subscription* find_plain(account::Account& account, subject::PublishSubject subject,
                                      message::Recipient const& recipient);

    /// Walks over the account's cache.
    DispatchStats stats(account::Account const& account) const;
    /// Walks over all that is cached.
    FanoutStats fanout(account::Account const& account) const;

private:
    Targets& targets_for(account::Account& account, subject::PublishSubject subject);
    void fill(account::Account& account, subject::PublishSubject subject, Targets& targets);
    MatchCache& cache_of(account::Account& account);
    /// None yet: null.
    MatchCache const* find_cache(account::Account const& account) const;
    /// A run being handed out.
    struct Round {
        message::MessageRun const& run;
        message::Publisher& publisher;
        message::Recipient const* left_out;  ///< Whose subscriptions get nothing; null: none.
    };
    std::uint64_t hand_out(Targets const& targets, Round const& round);
    std::uint32_t hand_over(message::Subscription& subscription, Round const& round);
    message::Delivery deliver_up_to_max(message::Subscription& subscription,
                                        message::MessageRun const& run);
    std::uint64_t deliver_to_groups(Targets const& targets, Round const& round);
    void observe_run(account::Account const& account, Targets const& targets, Round const& round,
                     std::uint64_t deliveries);
    void remove_finished(account::Account& account);
    std::uint32_t random_below(std::uint32_t bound);

    world::Clock* clock_;
    RemoteInterest* remote_;
    observe::Observation* observation_;
    std::unique_ptr<world::Entropy> entropy_;
    std::vector<std::unique_ptr<MatchCache>> caches_;  ///< By account index.
    subject::Interest interest_;                       ///< Reused by `fill`.
    std::vector<subject::SubscriptionId> finished_;
    std::uint64_t random_ = 0;
};

}  // namespace signalbox::dispatch
