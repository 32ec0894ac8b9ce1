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
#include <span>
#include <string>
#include <string_view>
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

/// Is told of subscriptions as they come and go.
class InterestWatcher {
public:
    virtual ~InterestWatcher() = default;

    virtual void subscribed(account::Account& account, message::Subscription& subscription) = 0;
    /// It is about to be removed.
    virtual void unsubscribing(account::Account& account, message::Subscription& subscription) = 0;
};

class Crossing;
struct TraceWish;

/// Finds the recipients of one message and hands it over.
class Dispatcher {
public:
    /// All outlive the dispatcher.
    Dispatcher(world::Clock& clock, world::Entropy& entropy, RemoteInterest& remote,
               observe::Observation& observation);

    /// Of a server without others.
    Dispatcher(world::Clock& clock, world::Entropy& entropy, observe::Observation& observation)
        : Dispatcher(clock, entropy, nobody_else_, observation) {}

    message::Subscription& subscribe(account::Account& account, message::Subscription subscription);

    /// Removes it now. Not from within `Recipient::deliver`.
    void unsubscribe(account::Account& account, message::Subscription& subscription);

    /// One at most; null: nobody.
    void watch_interest(InterestWatcher* watcher) { watcher_ = watcher; }

    /// Each message to each plain subscription and to one member of each queue group. Answers how
    /// many deliveries that were.
    std::uint64_t publish(account::Account& account, message::MessageRun const& run,
                          message::Publisher& publisher);

    /// Where a message on `subject` goes by the account's mappings. The answer lasts until the next
    /// question.
    account::Mapped map_subject(account::Account& account, subject::PublishSubject subject);

    /// What the headers of a message that is published in the account ask for in the way of traces.
    TraceWish trace_wish_of(Bytes headers, account::Account const& account);

    /// For what takes messages over to other accounts: it is asked to once the recipients of the
    /// message at hand have it.
    void stage(Crossing& crossing) {
        staged_.push_back(&crossing);
        aftermath_ = true;
    }

    /// For imports of streams: hands a run to a subscription of another account.
    message::Delivery hand_over_imported(account::Account& account,
                                         message::Subscription& subscription,
                                         message::MessageRun const& run);

    /// The account is gone; what was kept for it is not needed any more.
    void forget(account::Account const& account);

    /// A plain subscription of `recipient` that `subject` matches; null: it has none.
    message::Subscription* find_plain(account::Account& account, subject::PublishSubject subject,
                                      message::Recipient const& recipient);

    /// Whether anyone wants messages on `subject`, here or elsewhere.
    bool has_interest(account::Account& account, subject::PublishSubject subject);

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
        account::Account* account;
    };
    std::uint64_t hand_out(Targets const& targets, Round const& round);
    std::uint32_t hand_over(message::Subscription& subscription, Round const& round);
    message::Delivery deliver_up_to_max(account::Account& account,
                                        message::Subscription& subscription,
                                        message::MessageRun const& run);
    /// As `hand_out`, of a message whose way is written down.
    std::uint64_t hand_out_traced(Targets const& targets, Round const& round);
    std::uint32_t hand_over_traced(message::Subscription& subscription, Round const& round);
    std::uint32_t hand_to_server_traced(message::Subscription& server, Round const& round);
    // In wide_delivery.cpp: what comes from other servers or may go to them.
    std::uint64_t hand_out_widely(Targets const& targets, Round const& round);
    std::uint64_t serve_groups(Targets const& targets, Round const& round);
    std::uint32_t serve_group(Targets const& targets, std::size_t group, Round const& round);
    std::uint32_t hand_to_member(message::Subscription& member, Round const& round);
    std::uint64_t hand_to_servers(Targets const& targets, Round const& round);
    template <class Wanted>
    std::size_t start_in(std::span<message::Subscription* const> members, Wanted const& wanted);
    void choose_server(message::Subscription& subscription, std::string_view group);
    static void add_server(Targets& targets, message::Subscription& subscription);

    std::uint64_t deliver_to_groups(Targets const& targets, Round const& round);
    void observe_run(account::Account const& account, Targets const& targets, Round const& round,
                     std::uint64_t deliveries);
    void note_subscription(account::Account const& account,
                           message::Subscription const& subscription, int change);
    void remove_finished();
    void count_sent(account::Account& account, message::MessageRun const& run,
                    std::uint64_t deliveries);
    std::uint64_t finish_publish(message::MessageRun const& run, message::Publisher& publisher);
    std::uint32_t random_below(std::uint32_t bound);

    NoRemoteInterest nobody_else_;
    world::Clock* clock_;
    RemoteInterest* remote_;
    observe::Observation* observation_;
    std::unique_ptr<world::Entropy> entropy_;
    std::vector<std::unique_ptr<MatchCache>> caches_;  ///< By account index.
    subject::Interest interest_;                       ///< Reused by `fill`.
    struct Finished {
        account::Account* account;
        subject::SubscriptionId id;
    };
    std::vector<Finished> finished_;
    /// A server that serves queue groups of the message at hand.
    struct Chosen {
        message::Subscription* server;
        std::string queues;
    };
    std::vector<Chosen> chosen_;  ///< Reused.
    std::vector<Crossing*> staged_;
    bool aftermath_ = false;      ///< Something is finished or staged.
    std::uint64_t imported_ = 0;  ///< Deliveries of the run at hand in other accounts.
    InterestWatcher* watcher_ = nullptr;
    std::uint64_t random_ = 0;
};

}  // namespace signalbox::dispatch
