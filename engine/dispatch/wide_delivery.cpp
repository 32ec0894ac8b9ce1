#include "engine/dispatch/dispatcher.h"

#include <algorithm>

namespace signalbox::dispatch {
namespace {

using message::Arrival;
using message::MessageRun;
using message::MessageView;
using message::Subscription;
using message::SubscriptionKind;

/// Whether one of the words of `list`, which blanks stand between, is `word`.
bool contains_word(std::string_view list, std::string_view word) {
    for (std::size_t at = list.find(word); at != std::string_view::npos;
         at = list.find(word, at + 1)) {
        std::size_t const end = at + word.size();
        bool const begins = at == 0 || list[at - 1] == ' ' || list[at - 1] == '\t';
        bool const ends = end == list.size() || list[end] == ' ' || list[end] == '\t';
        if (begins && ends) {
            return true;
        }
    }
    return false;
}

constexpr std::string_view kAnswerPrefix = "_R_.";

/// One hop: what came from a server of the cluster, or from the hub, goes to no other of the
/// cluster; and each server of a cluster of leaf nodes speaks with the hub itself, but for answers
/// of services. What has been through a cluster of leaf nodes does not go back to it.
bool may_go_to(Subscription const& there, MessageRun const& run) {
    Arrival const* const arrival = run.arrival;
    if (arrival == nullptr) {
        return true;
    }
    if (!arrival->origin.empty() && arrival->origin == there.sid) {
        return false;
    }
    bool const by_route = arrival->by == Arrival::By::Route;
    switch (there.kind) {
        case SubscriptionKind::Routed:
            return !by_route && arrival->by != Arrival::By::Hub;
        case SubscriptionKind::Hub:
            return !by_route || run.matched().text().starts_with(kAnswerPrefix);
        default:
            return true;
    }
}

bool is_near(Subscription const& subscription) {
    return !message::is_elsewhere(subscription.kind) ||
           (subscription.kind == SubscriptionKind::Routed && subscription.sid.empty());
}

/// Requests to services of other accounts are taken over where they are made.
bool is_taken_elsewhere(Subscription const& subscription, Arrival const* arrival) {
    return subscription.kind == SubscriptionKind::Service && arrival != nullptr &&
           (arrival->by == Arrival::By::Route || arrival->by == Arrival::By::Gateway);
}

}  // namespace

/// One of several subscriptions of a server is enough: it hands on by its own.
void Dispatcher::add_server(Targets& targets, Subscription& subscription) {
    bool const known = std::ranges::any_of(targets.servers, [&](Subscription const* each) {
        return each->recipient == subscription.recipient && each->sid == subscription.sid;
    });
    if (!known) {
        targets.servers.push_back(&subscription);
    }
}

std::uint64_t Dispatcher::hand_out_widely(Targets const& targets, Round const& round) {
    std::uint64_t taken = 0;
    for (std::uint32_t i = 0; i < targets.plain; ++i) {
        if (!is_taken_elsewhere(*targets.members[i], round.run.arrival)) {
            taken += hand_over(*targets.members[i], round);
        }
    }
    if (targets.group_names.empty() && round.run.arrival == nullptr) {
        // All groups are served here; the run goes on as a whole.
        taken += targets.group_ends.empty() ? 0 : deliver_to_groups(targets, round);
        return taken + hand_to_servers(targets, round);
    }
    bool const serves = round.run.arrival == nullptr || !round.run.arrival->queues.empty();
    if (targets.group_ends.empty() || !serves) {
        return taken + hand_to_servers(targets, round);
    }
    return taken + serve_groups(targets, round);
}

/// Each message finds members of its own, and goes to each server once, with the names of all
/// groups that are to be served there.
std::uint64_t Dispatcher::serve_groups(Targets const& targets, Round const& round) {
    std::uint64_t taken = 0;
    for (MessageView const& message : round.run.messages) {
        MessageRun one = round.run;
        one.messages = {&message, 1};
        one.sharing = nullptr;
        one.bytes = message.size();
        Round const single{one, round.publisher, round.left_out, round.account};
        chosen_.clear();
        for (std::size_t group = 0; group < targets.group_ends.size(); ++group) {
            taken += serve_group(targets, group, single);
        }
        taken += hand_to_servers(targets, single);
    }
    chosen_.clear();
    return taken;
}

/// A random one of all that the candidates stand for.
template <class Wanted>
std::size_t Dispatcher::start_in(std::span<Subscription* const> members, Wanted const& wanted) {
    std::uint32_t total = 0;
    for (Subscription const* const member : members) {
        total += wanted(*member) ? member->weight : 0;
    }
    std::uint32_t left = random_below(std::max(total, 1U));
    for (std::size_t i = 0; i < members.size(); ++i) {
        std::uint32_t const weight = wanted(*members[i]) ? members[i]->weight : 0;
        if (left < weight) {
            return i;
        }
        left -= weight;
    }
    return 0;
}

std::uint32_t Dispatcher::serve_group(Targets const& targets, std::size_t group,
                                      Round const& round) {
    Arrival const* const arrival = round.run.arrival;
    std::size_t const begin = group == 0 ? targets.plain : targets.group_ends[group - 1];
    std::span<Subscription* const> const members(targets.members.data() + begin,
                                                 targets.group_ends[group] - begin);
    std::string_view const name = members.front()->queue;
    if (arrival != nullptr && !contains_word(arrival->queues, name)) {
        return 0;
    }
    // Members behind a leaf node are for when there is nobody nearer.
    for (bool const near : {true, false}) {
        auto const is_candidate = [&](Subscription const& member) {
            return is_near(member) == near && !is_taken_elsewhere(member, arrival) &&
                   may_go_to(member, round.run) && member.recipient != round.left_out;
        };
        std::size_t const start = start_in(members, is_candidate);
        for (std::size_t i = 0; i < members.size(); ++i) {
            Subscription& member = *members[(start + i) % members.size()];
            if (!is_candidate(member)) {
                continue;
            }
            if (message::is_elsewhere(member.kind)) {
                choose_server(member, name);
                return 0;
            }
            if (hand_to_member(member, round) != 0) {
                return 1;
            }
        }
    }
    return 0;
}

std::uint32_t Dispatcher::hand_to_member(Subscription& member, Round const& round) {
    return round.run.trace == nullptr ? hand_over(member, round) : hand_over_traced(member, round);
}

void Dispatcher::choose_server(Subscription& subscription, std::string_view group) {
    auto const same = std::ranges::find_if(chosen_, [&](Chosen const& each) {
        return each.server->recipient == subscription.recipient;
    });
    if (same == chosen_.end()) {
        chosen_.push_back({&subscription, std::string(group)});
        return;
    }
    same->queues += ' ';
    same->queues += group;
}

/// Those that want all messages, and those that serve a group of this one.
std::uint64_t Dispatcher::hand_to_servers(Targets const& targets, Round const& round) {
    std::uint64_t taken = 0;
    auto const hand_to = [&](Subscription& server, std::string_view queues) {
        if (!may_go_to(server, round.run)) {
            return;
        }
        MessageRun run = round.run;
        run.queues = queues;
        Round const there{run, round.publisher, round.left_out, round.account};
        taken +=
            run.trace == nullptr ? hand_over(server, there) : hand_to_server_traced(server, there);
    };
    for (std::size_t i = 0; i < targets.servers.size(); ++i) {
        Subscription& server = *targets.servers[i];
        bool const has_it =
            std::ranges::any_of(
                chosen_,
                [&](Chosen const& each) { return each.server->recipient == server.recipient; }) ||
            std::any_of(
                targets.servers.begin(), targets.servers.begin() + static_cast<std::ptrdiff_t>(i),
                [&](Subscription const* earlier) {
                    return earlier->recipient == server.recipient && may_go_to(*earlier, round.run);
                });
        if (!has_it) {
            hand_to(server, {});
        }
    }
    for (Chosen const& each : chosen_) {
        hand_to(*each.server, each.queues);
    }
    return taken;
}

}  // namespace signalbox::dispatch
