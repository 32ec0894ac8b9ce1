#include "engine/dispatch/dispatcher.h"

#include "engine/dispatch/crossing.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace signalbox::dispatch {
namespace {

using message::Delivery;
using message::MessageRun;
using message::MessageView;
using message::Publisher;
using message::Subscription;

/// Larger messages with more than one recipient are shared instead of copied, and so are longer
/// runs.
constexpr std::size_t kSharedFrom = 16 * 1'024;
constexpr std::size_t kSharedRunFrom = 4 * 1'024;

/// No generation that there ever is.
constexpr std::uint64_t kNeverValid = std::numeric_limits<std::uint64_t>::max();

/// What acks of deliveries are sent to: each has a subject of its own, behind stream and consumer,
/// that never comes again.
constexpr std::string_view kAckSubjects = "$JS.ACK.";

/// Under which a subject is kept and observed: its own name, but `$JS.ACK.<stream>.<consumer>` for
/// all acks of a consumer, which would only push out others.
std::string_view kept_name(std::string_view subject) {
    if (!subject.starts_with(kAckSubjects)) [[likely]] {
        return subject;
    }
    std::size_t end = kAckSubjects.size();
    for (int token = 0; token < 2; ++token) {
        std::size_t const dot = subject.find('.', end);
        if (dot == std::string_view::npos) {
            return subject;
        }
        end = dot + 1;
    }
    return subject.substr(0, end - 1);
}

}  // namespace

Dispatcher::Dispatcher(world::Clock& clock, world::Entropy& entropy, RemoteInterest& remote,
                       observe::Observation& observation)
    : clock_(&clock),
      remote_(&remote),
      observation_(&observation),
      entropy_(entropy.fork("dispatch")),
      random_(entropy_->next() | 1) {}

Subscription& Dispatcher::subscribe(account::Account& account, Subscription subscription) {
    Subscription& kept = account.subscribe(std::move(subscription));
    if (message::is_elsewhere(kept.kind)) {
        return kept;
    }
    note_subscription(account, kept, 1);
    if (watcher_ != nullptr) {
        watcher_->subscribed(account, kept);
    }
    return kept;
}

void Dispatcher::unsubscribe(account::Account& account, Subscription& subscription) {
    if (!message::is_elsewhere(subscription.kind)) {
        note_subscription(account, subscription, -1);
    }
    if (watcher_ != nullptr) {
        watcher_->unsubscribing(account, subscription);
    }
    account.unsubscribe(subscription);
}

/// For those who watch: of connections alone, for what the server itself listens on is no news.
void Dispatcher::note_subscription(account::Account const& account,
                                   Subscription const& subscription, int change) {
    if (subscription.recipient->connection_id() == 0) {
        return;
    }
    Counter& count = observation_->counters.subscriptions;
    count.set(count.get() + static_cast<std::uint64_t>(change));
    if (observe::SubjectIds* const subjects = observation_->subjects()) {
        subjects->subscribed(account.name(), subscription.filter, change);
    }
}

std::uint64_t Dispatcher::publish(account::Account& account, MessageRun const& run,
                                  Publisher& publisher) {
    Targets const& targets = targets_for(account, run.matched());
    MessageRun shared = run;
    shared.publisher = &publisher;
    message::RunSharing sharing;
    std::size_t const worth_it = run.messages.size() == 1 ? kSharedFrom : kSharedRunFrom;
    if (targets.members.size() + targets.servers.size() > 1 && run.bytes >= worth_it &&
        run.regular) {
        shared.sharing = &sharing;
    }
    Round const round{shared, publisher, publisher.without_echo(), &account};
    std::uint64_t const deliveries =
        run.trace == nullptr ? hand_out(targets, round) : hand_out_traced(targets, round);
    count_sent(account, run, deliveries);
    if (observation_->watched()) {
        observe_run(account, targets, round, deliveries);
    }
    if (aftermath_) [[unlikely]] {
        return deliveries + finish_publish(run, publisher);
    }
    return deliveries;
}

void Dispatcher::count_sent(account::Account& account, MessageRun const& run,
                            std::uint64_t deliveries) {
    std::uint64_t const here = deliveries - std::exchange(imported_, 0);
    account::Traffic& sent = account.usage().sent;
    sent.msgs += here;
    sent.bytes +=
        run.messages.size() == 1 ? here * run.bytes : here * run.bytes / run.messages.size();
}

/// Nobody's targets are walked through any more, so that subscriptions may go, and what is staged
/// may publish in turn.
std::uint64_t Dispatcher::finish_publish(MessageRun const& run, Publisher& publisher) {
    aftermath_ = false;
    std::vector<Crossing*> const staged = std::exchange(staged_, {});
    remove_finished();
    std::uint64_t deliveries = 0;
    for (Crossing* const crossing : staged) {
        deliveries += crossing->cross(run, publisher);
    }
    return deliveries;
}

account::Mapped Dispatcher::map_subject(account::Account& account,
                                        subject::PublishSubject subject) {
    account::MappingTable* const mappings = account.mappings();
    if (mappings == nullptr) {
        return {.kind = account::Mapped::Kind::Unchanged, .subject = subject.text()};
    }
    return mappings->map(subject, *entropy_);
}

void Dispatcher::forget(account::Account const& account) {
    if (account.index() < caches_.size()) {
        caches_[account.index()].reset();
    }
}

Delivery Dispatcher::hand_over_imported(account::Account& account, Subscription& subscription,
                                        MessageRun const& run) {
    if (subscription.ended) {
        return {};
    }
    Delivery delivery;
    if (subscription.max == 0) {
        delivery = subscription.recipient->deliver(subscription, run);
        subscription.delivered += delivery.taken;
    } else {
        delivery = deliver_up_to_max(account, subscription, run);
    }
    imported_ += delivery.taken;
    account::Traffic& sent = account.usage().sent;
    sent.msgs += delivery.taken;
    sent.bytes += delivery.taken * run.bytes / run.messages.size();
    return delivery;
}

/// One subscription after the other takes the whole run, so that what belongs to one connection is
/// touched once and its bytes are written side by side.
std::uint64_t Dispatcher::hand_out(Targets const& targets, Round const& round) {
    if (round.run.arrival != nullptr || !targets.servers.empty() || !targets.group_names.empty())
        [[unlikely]] {
        return hand_out_widely(targets, round);
    }
    std::uint64_t taken = 0;
    for (std::uint32_t i = 0; i < targets.plain; ++i) {
        taken += hand_over(*targets.members[i], round);
    }
    return targets.group_ends.empty() ? taken : taken + deliver_to_groups(targets, round);
}

std::uint64_t Dispatcher::deliver_to_groups(Targets const& targets, Round const& round) {
    std::uint64_t taken = 0;
    // Each message finds a member of its own.
    for (MessageView const& message : round.run.messages) {
        MessageRun one = round.run;
        one.messages = {&message, 1};
        one.sharing = nullptr;
        one.bytes = message.size();
        Round const single{one, round.publisher, round.left_out, round.account};
        std::uint32_t begin = targets.plain;
        for (std::uint32_t const end : targets.group_ends) {
            std::uint32_t const size = end - begin;
            std::uint32_t const start = random_below(size);
            for (std::uint32_t i = 0; i < size; ++i) {
                std::uint32_t const offset = start + i < size ? start + i : start + i - size;
                if (hand_over(*targets.members[begin + offset], single) != 0) {
                    ++taken;
                    break;
                }
            }
            begin = end;
        }
    }
    return taken;
}

/// Answers how many of the run it took.
std::uint32_t Dispatcher::hand_over(Subscription& subscription, Round const& round) {
    if (subscription.ended || subscription.recipient == round.left_out) {
        return 0;
    }
    Delivery delivery;
    if (subscription.max == 0) {
        delivery = subscription.recipient->deliver(subscription, round.run);
        subscription.delivered += delivery.taken;
    } else {
        delivery = deliver_up_to_max(*round.account, subscription, round.run);
    }
    if (delivery.slow) [[unlikely]] {
        round.publisher.stall();
    }
    return delivery.taken;
}

Delivery Dispatcher::deliver_up_to_max(account::Account& account, Subscription& subscription,
                                       MessageRun const& run) {
    std::uint64_t const left = subscription.max - subscription.delivered;
    MessageRun first = run;
    if (left < run.messages.size()) {
        first.messages = run.messages.first(left);
        first.sharing = nullptr;
        first.bytes = 0;
        for (MessageView const& message : first.messages) {
            first.bytes += message.size();
        }
    }
    Delivery const delivery = subscription.recipient->deliver(subscription, first);
    subscription.delivered += delivery.taken;
    if (subscription.delivered >= subscription.max) {
        subscription.ended = true;
        finished_.push_back({&account, subscription.id});
        aftermath_ = true;
    }
    return delivery;
}

void Dispatcher::remove_finished() {
    for (Finished const& finished : std::exchange(finished_, {})) {
        if (Subscription* const subscription = finished.account->find(finished.id)) {
            subscription->recipient->finish(*subscription);
        }
    }
}

Subscription* Dispatcher::find_plain(account::Account& account, subject::PublishSubject subject,
                                     message::Recipient const& recipient) {
    Targets const& targets = targets_for(account, subject);
    for (std::uint32_t i = 0; i < targets.plain; ++i) {
        if (targets.members[i]->recipient == &recipient && !targets.members[i]->ended) {
            return targets.members[i];
        }
    }
    return nullptr;
}

bool Dispatcher::has_interest(account::Account& account, subject::PublishSubject subject) {
    return !targets_for(account, subject).members.empty();
}

Targets& Dispatcher::targets_for(account::Account& account, subject::PublishSubject subject) {
    MatchCache& cache = cache_of(account);
    std::string_view const name = kept_name(subject.text());
    // Subjects that share a name have other targets each, so that these are never valid.
    bool const shared = name.size() != subject.text().size();
    MatchCache::Slot* slot = cache.find(name);
    subject::InterestIndex const& index = account.interest();
    if (slot != nullptr) {
        std::uint64_t const now =
            index.generation_at(slot->generation_slot) + remote_->generation();
        if (slot->generation == now && !shared) [[likely]] {
            cache.count_hit();
            return *slot->targets;
        }
    } else {
        slot = &cache.make(name);
        slot->generation_slot = subject::InterestIndex::generation_slot(subject);
    }
    cache.count_miss();
    fill(account, subject, *slot->targets);
    slot->generation =
        shared ? kNeverValid : index.generation_at(slot->generation_slot) + remote_->generation();
    return *slot->targets;
}

void Dispatcher::fill(account::Account& account, subject::PublishSubject subject,
                      Targets& targets) {
    interest_.clear();
    account.interest().match(subject, interest_);
    targets.members.clear();
    targets.group_ends.clear();
    targets.servers.clear();
    targets.group_names.clear();
    for (subject::SubscriptionId const id : interest_.plain) {
        Subscription* const one = account.find(id);
        if (message::is_elsewhere(one->kind)) {
            add_server(targets, *one);
        } else {
            targets.members.push_back(one);
        }
    }
    remote_->add(account, subject, targets.servers);
    targets.plain = static_cast<std::uint32_t>(targets.members.size());
    bool elsewhere = false;
    for (subject::Interest::QueueGroup const& group : interest_.queue_groups) {
        for (subject::Interest::Member const& member : group.members) {
            targets.members.push_back(account.find(member.id));
            elsewhere = elsewhere || message::is_elsewhere(targets.members.back()->kind);
        }
        targets.group_ends.push_back(static_cast<std::uint32_t>(targets.members.size()));
    }
    if (elsewhere) {
        for (subject::Interest::QueueGroup const& group : interest_.queue_groups) {
            targets.group_names.push_back(group.name);
        }
    }
    observe::SubjectIds* const subjects = observation_->subjects();
    targets.subject_id = subjects ? subjects->id_for(account.name(), kept_name(subject.text())) : 0;
}

MatchCache& Dispatcher::cache_of(account::Account& account) {
    if (account.index() >= caches_.size()) [[unlikely]] {
        caches_.resize(account.index() + 1);
    }
    auto& cache = caches_[account.index()];
    if (!cache) [[unlikely]] {
        cache = std::make_unique<MatchCache>(entropy_->next());
    }
    return *cache;
}

void Dispatcher::observe_run(account::Account const& account, Targets const& targets,
                             Round const& round, std::uint64_t deliveries) {
    MessageRun const& run = round.run;
    auto const count = run.messages.size();
    auto const each = static_cast<std::uint32_t>(deliveries / count);
    std::uint64_t const cid = round.publisher.connection_id();
    WallTime const now = clock_->wall_now();
    observation_->subjects()->published(targets.subject_id,
                                        {.msgs = count,
                                         .bytes = run.bytes,
                                         .last_size = run.messages.back().size(),
                                         .cid = cid,
                                         .recipients = each},
                                        now.since_epoch().count() / 1'000'000);
    observe::Tap* const tap = observation_->tap();
    if (tap == nullptr) [[likely]] {
        return;
    }
    for (MessageView const& message : run.messages) {
        tap->offer({.account = account.name(),
                    .cid = cid,
                    .subject = run.subject.text(),
                    .reply = message.reply,
                    .headers = message.headers,
                    .payload = message.payload,
                    .recipients = each,
                    .subject_id = targets.subject_id},
                   now, clock_->now());
    }
}

MatchCache const* Dispatcher::find_cache(account::Account const& account) const {
    return account.index() < caches_.size() ? caches_[account.index()].get() : nullptr;
}

DispatchStats Dispatcher::stats(account::Account const& account) const {
    DispatchStats stats;
    if (MatchCache const* const cache = find_cache(account)) {
        stats.matches = cache->hits() + cache->misses();
        stats.cache_hits = cache->hits();
        stats.cache_entries = cache->size();
    }
    return stats;
}

FanoutStats Dispatcher::fanout(account::Account const& account) const {
    FanoutStats stats;
    if (MatchCache const* const cache = find_cache(account)) {
        cache->for_each([&](Targets const& targets) {
            std::uint64_t const fanout = targets.plain + targets.group_ends.size();
            stats.max = std::max(stats.max, fanout);
            stats.total += fanout;
        });
    }
    return stats;
}

std::uint32_t Dispatcher::random_below(std::uint32_t bound) {
    // xorshift64: choices among members need to be fair and cheap, not secret.
    random_ ^= random_ << 13;
    random_ ^= random_ >> 7;
    random_ ^= random_ << 17;
    return static_cast<std::uint32_t>(((random_ >> 32) * bound) >> 32);
}

}  // namespace signalbox::dispatch
