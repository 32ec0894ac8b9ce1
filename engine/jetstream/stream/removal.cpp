#include "engine/jetstream/stream/removal.h"

#include "engine/subject/subject.h"

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

namespace signalbox::jetstream {

using store::EraseMode;
using store::SubjectState;
using subject::Filter;
using subject::PublishSubject;

void Removal::one(std::uint64_t sequence, std::string_view subject, EraseMode mode) {
    if (state_.consumers != nullptr) {
        state_.consumers->removing(sequence, PublishSubject::from_token(subject));
    }
    state_.lifetimes.forget(sequence);
    (void)state_.store.erase(sequence, mode);
}

void Removal::one(std::uint64_t sequence) {
    if (state_.consumers == nullptr) {
        return one(sequence, {});
    }
    Result<store::Load> const load = state_.store.load(sequence);
    if (load.ok()) {
        if (auto const* found = std::get_if<store::Found>(&load.value())) {
            return one(sequence, std::string(found->message.subject));
        }
    }
    // What it was is not in memory: consumers count anew, with the same result.
    state_.lifetimes.forget(sequence);
    (void)state_.store.erase(sequence, EraseMode::Forget);
    state_.consumers->purged(state_.store.state().first, {});
}

std::uint64_t Removal::before(std::uint64_t first) {
    std::uint64_t const had = state_.store.state().messages;
    (void)state_.store.compact(first);
    state_.lifetimes.forget_before(first);
    std::uint64_t const gone = had - state_.store.state().messages;
    if (gone > 0 && state_.consumers != nullptr) {
        state_.consumers->purged(first, {});
    }
    return gone;
}

void Removal::oldest_of(std::string_view subject, std::uint64_t keep, std::uint64_t bound) {
    std::string const name(subject);
    while (auto const found = state_.store.subject_state(name)) {
        if (found->messages <= keep || found->first >= bound) {
            return;
        }
        one(found->first, name);
    }
}

bool Removal::over_limit() const {
    store::StoreState const& state = state_.store.state();
    StreamConfig const& config = state_.config;
    auto const over = [](std::uint64_t have, std::int64_t limit) {
        return limit > 0 && have > static_cast<std::uint64_t>(limit);
    };
    return state.messages > 0 && config.discard == Discard::Old &&
           (over(state.messages, config.max_messages) || over(state.bytes, config.max_bytes));
}

void Removal::enforce_limits() {
    while (over_limit()) {
        one(state_.store.state().first);
    }
}

/// The sequence before which all but the newest `keep` lie.
std::uint64_t Removal::bound_that_keeps(store::Filters filters, std::uint64_t keep) const {
    store::StoreState const& state = state_.store.state();
    std::uint64_t low = state.first;
    std::uint64_t high = state.last + 1;
    // The count falls as the sequence grows: the highest at which `keep` are left.
    while (low < high) {
        std::uint64_t const middle = low + (high - low) / 2;
        if (state_.store.count_from(filters, middle + 1) >= keep) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

std::uint64_t Removal::purge(PurgeCommand const& command) {
    if (!command.filter.empty() && command.filter != ">") {
        return purge_filtered(command);
    }
    store::StoreState const& state = state_.store.state();
    if (command.keep > 0) {
        return state.messages <= command.keep ? 0 : before(bound_that_keeps({}, command.keep));
    }
    // One that is past the end moves the end.
    return before(command.sequence > 0 ? command.sequence : state.last + 1);
}

std::uint64_t Removal::purge_filtered(PurgeCommand const& command) {
    Filter const filter = Filter::from_checked(command.filter);
    store::Filters const filters(&filter, 1);
    std::uint64_t bound = command.sequence > 0 ? command.sequence : store::kLastSequence;
    if (command.keep > 0) {
        if (state_.store.totals(filters).messages <= command.keep) {
            return 0;
        }
        bound = bound_that_keeps(filters, command.keep);
    }
    std::vector<std::string> subjects;
    state_.store.visit_subjects(filter, [&](SubjectState const& subject) {
        if (subject.first < bound) {
            subjects.emplace_back(subject.subject);
        }
        return true;
    });
    std::uint64_t const had = state_.store.state().messages;
    for (std::string const& subject : subjects) {
        while (auto const found = state_.store.subject_state(subject)) {
            if (found->first >= bound) {
                break;
            }
            state_.lifetimes.forget(found->first);
            if (!state_.store.erase(found->first, EraseMode::Forget).ok()) {
                break;
            }
        }
    }
    if (state_.consumers != nullptr && !subjects.empty()) {
        state_.consumers->purged(bound, command.filter);
    }
    return had - state_.store.state().messages;
}

}  // namespace signalbox::jetstream
