#include "engine/dispatch/dispatcher.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace signalbox::dispatch {
namespace {

using message::Delivery;
using message::MessageView;
using message::Publisher;
using message::Subscription;

/// Larger messages with more than one recipient are shared instead of copied.
constexpr std::size_t kSharedFrom = 16 * 1'024;

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
    observation_->counters.subscriptions.add(1);
    if (observe::SubjectIds* const subjects = observation_->subjects()) {
        subjects->subscribed(account.name(), kept.filter, 1);
    }
    return kept;
}

void Dispatcher::unsubscribe(account::Account& account, Subscription& subscription) {
    Counter& count = observation_->counters.subscriptions;
    count.set(count.get() - 1);
    if (observe::SubjectIds* const subjects = observation_->subjects()) {
        subjects->subscribed(account.name(), subscription.filter, -1);
    }
    account.unsubscribe(subscription);
}

std::uint32_t Dispatcher::publish(account::Account& account, MessageView const& message,
                                  Publisher& publisher) {
    Targets const& targets = targets_for(account, message.subject);
    std::uint32_t const taken = targets.members.size() > 1
                                    ? hand_out_to_many(targets, message, publisher)
                                    : hand_out(targets, message, publisher);
    if (observe::SubjectIds* const subjects = observation_->subjects()) {
        std::int64_t const now_ms = clock_->wall_now().since_epoch().count() / 1'000'000;
        subjects->published(targets.subject_id, message.size(), publisher.connection_id(), taken,
                            now_ms);
        if (observe::Tap* const tap = observation_->tap()) [[unlikely]] {
            offer_to_tap(*tap, account, message, publisher, taken);
        }
    }
    if (!finished_.empty()) {
        remove_finished(account);
    }
    return taken;
}

/// What each delivery would make anew is made once.
std::uint32_t Dispatcher::hand_out_to_many(Targets const& targets, MessageView const& message,
                                           Publisher& publisher) {
    MessageView prepared = message;
    std::array<char, 256> head;
    std::string_view const verb = message.headers.empty() ? "MSG " : "HMSG ";
    std::string_view const subject = message.subject.text();
    if (verb.size() + subject.size() < head.size()) {
        std::memcpy(head.data(), verb.data(), verb.size());
        std::memcpy(head.data() + verb.size(), subject.data(), subject.size());
        std::size_t const length = verb.size() + subject.size();
        head[length] = ' ';
        prepared.head = {head.data(), length + 1};
    }
    transport::SharedBytes shared;
    if (message.tail.size() >= kSharedFrom) {
        prepared.shared_tail = &shared;
    }
    return hand_out(targets, prepared, publisher);
}

std::uint32_t Dispatcher::hand_out(Targets const& targets, MessageView const& message,
                                   Publisher& publisher) {
    Round const round{message, publisher, publisher.without_echo()};
    std::uint32_t taken = 0;
    for (std::uint32_t i = 0; i < targets.plain; ++i) {
        taken += hand_over(*targets.members[i], round) ? 1 : 0;
    }
    return targets.group_ends.empty() ? taken : taken + deliver_to_groups(targets, round);
}

std::uint32_t Dispatcher::deliver_to_groups(Targets const& targets, Round const& round) {
    std::uint32_t taken = 0;
    std::uint32_t begin = targets.plain;
    for (std::uint32_t const end : targets.group_ends) {
        std::uint32_t const size = end - begin;
        std::uint32_t const start = random_below(size);
        for (std::uint32_t i = 0; i < size; ++i) {
            std::uint32_t const member = begin + (start + i) % size;
            if (hand_over(*targets.members[member], round)) {
                ++taken;
                break;
            }
        }
        begin = end;
    }
    return taken;
}

/// False: this one does not take it.
bool Dispatcher::hand_over(Subscription& subscription, Round const& round) {
    if (subscription.ended || subscription.recipient == round.left_out) {
        return false;
    }
    Delivery const delivery = subscription.recipient->deliver(subscription, round.message);
    if (delivery == Delivery::Refused) {
        return false;
    }
    ++subscription.delivered;
    if (subscription.delivered == subscription.max) {
        subscription.ended = true;
        finished_.push_back(subscription.id);
    }
    if (delivery == Delivery::TakenBySlow) [[unlikely]] {
        round.publisher.stall();
    }
    return true;
}

void Dispatcher::remove_finished(account::Account& account) {
    for (subject::SubscriptionId const id : std::exchange(finished_, {})) {
        if (Subscription* const subscription = account.find(id)) {
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

Targets& Dispatcher::targets_for(account::Account& account, subject::PublishSubject subject) {
    MatchCache& cache = cache_of(account);
    MatchCache::Slot* slot = cache.find(subject.text());
    subject::InterestIndex const& index = account.interest();
    if (slot != nullptr) {
        std::uint64_t const now =
            index.generation_at(slot->generation_slot) + remote_->generation();
        if (slot->generation == now) [[likely]] {
            cache.count_hit();
            return *slot->targets;
        }
    } else {
        slot = &cache.make(subject.text());
        slot->generation_slot = subject::InterestIndex::generation_slot(subject);
    }
    cache.count_miss();
    fill(account, subject, *slot->targets);
    slot->generation = index.generation_at(slot->generation_slot) + remote_->generation();
    return *slot->targets;
}

void Dispatcher::fill(account::Account& account, subject::PublishSubject subject,
                      Targets& targets) {
    interest_.clear();
    account.interest().match(subject, interest_);
    targets.members.clear();
    targets.group_ends.clear();
    for (subject::SubscriptionId const id : interest_.plain) {
        targets.members.push_back(account.find(id));
    }
    remote_->add(account, subject, targets.members);
    targets.plain = static_cast<std::uint32_t>(targets.members.size());
    for (subject::Interest::QueueGroup const& group : interest_.queue_groups) {
        for (subject::Interest::Member const& member : group.members) {
            targets.members.push_back(account.find(member.id));
        }
        targets.group_ends.push_back(static_cast<std::uint32_t>(targets.members.size()));
    }
    observe::SubjectIds* const subjects = observation_->subjects();
    targets.subject_id = subjects ? subjects->id_for(account.name(), subject.text()) : 0;
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

void Dispatcher::offer_to_tap(observe::Tap& tap, account::Account const& account,
                              MessageView const& message, Publisher const& publisher,
                              std::uint32_t recipients) {
    tap.offer({.account = account.name(),
               .cid = publisher.connection_id(),
               .subject = message.subject.text(),
               .reply = message.reply,
               .headers = message.headers,
               .payload = message.payload,
               .recipients = recipients},
              clock_->wall_now(), clock_->now());
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
