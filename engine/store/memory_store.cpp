#include "engine/store/memory_store.h"

#include <algorithm>

namespace signalbox::store {
namespace {

bool lets_through(Filters filters, std::string_view subject) {
    subject::PublishSubject const checked = subject::PublishSubject::from_token(subject);
    return filters.empty() || std::ranges::any_of(filters, [&](subject::Filter const& filter) {
               return filter.matches(checked);
           });
}

}  // namespace

StoredMessage MemoryStore::view(Messages::value_type const& kept) {
    return {.sequence = kept.first,
            .time = kept.second.time,
            .subject = kept.second.subject,
            .headers = kept.second.headers,
            .payload = kept.second.payload};
}

Result<void> MemoryStore::append(StoredMessage const& message) {
    if (message.sequence <= state_.last) {
        return Error(Errc::InvalidArgument, "the sequence was used before");
    }
    messages_.emplace_hint(messages_.end(), message.sequence,
                           Kept{message.time, std::string(message.subject),
                                std::string(message.headers), std::string(message.payload)});
    subjects_[std::string(message.subject)].insert(message.sequence);
    ++state_.messages;
    state_.bytes += counted_size(message, medium_);
    state_.last = message.sequence;
    state_.last_time = message.time;
    update_state();
    return {};
}

void MemoryStore::skip(Sequence last) {
    state_.last = std::max(state_.last, last);
    update_state();
}

Result<Load> MemoryStore::load(Sequence sequence) {
    auto const found = messages_.find(sequence);
    if (found == messages_.end()) {
        return Load(NotFound());
    }
    return Load(Found{view(*found)});
}

Result<Load> MemoryStore::load_next(Filters filters, Sequence from) {
    for (auto at = messages_.lower_bound(from); at != messages_.end(); ++at) {
        if (lets_through(filters, at->second.subject)) {
            return Load(Found{view(*at)});
        }
    }
    return Load(NotFound());
}

Result<Load> MemoryStore::load_previous(Filters filters, Sequence from) {
    for (auto at = messages_.upper_bound(from); at != messages_.begin();) {
        --at;
        if (lets_through(filters, at->second.subject)) {
            return Load(Found{view(*at)});
        }
    }
    return Load(NotFound());
}

Result<Load> MemoryStore::load_last(std::string_view subject, Sequence up_to) {
    auto const found = subjects_.find(subject);
    if (found == subjects_.end()) {
        return Load(NotFound());
    }
    auto const after = found->second.upper_bound(up_to);
    if (after == found->second.begin()) {
        return Load(NotFound());
    }
    return load(*std::prev(after));
}

void MemoryStore::when_fetched(FetchTicket, std::function<void()> resume) {
    turn_.defer(std::move(resume));
}

void MemoryStore::forget(Messages::iterator at) {
    state_.bytes -= counted_size(view(*at), medium_);
    --state_.messages;
    auto const subject = subjects_.find(at->second.subject);
    subject->second.erase(at->first);
    if (subject->second.empty()) {
        subjects_.erase(subject);
    }
    messages_.erase(at);
}

Result<bool> MemoryStore::erase(Sequence sequence, EraseMode) {
    auto const found = messages_.find(sequence);
    if (found == messages_.end()) {
        return false;
    }
    forget(found);
    update_state();
    return true;
}

Result<void> MemoryStore::compact(Sequence first) {
    while (!messages_.empty() && messages_.begin()->first < first) {
        forget(messages_.begin());
    }
    if (first > state_.last + 1) {
        state_.last = first - 1;
    }
    update_state();
    return {};
}

void MemoryStore::update_state() {
    state_.subjects = subjects_.size();
    state_.first = messages_.empty() ? state_.last + 1 : messages_.begin()->first;
    state_.first_time = messages_.empty() ? WallTime() : messages_.begin()->second.time;
    state_.deleted = state_.last + 1 - state_.first - state_.messages;
}

std::optional<SubjectState> MemoryStore::subject_state(std::string_view subject) const {
    auto const found = subjects_.find(subject);
    if (found == subjects_.end()) {
        return std::nullopt;
    }
    return SubjectState{found->first, found->second.size(), *found->second.begin(),
                        *found->second.rbegin()};
}

void MemoryStore::visit_subjects(subject::Filter filter,
                                 std::function<bool(SubjectState const&)> const& visit) const {
    for (auto const& [subject, sequences] : subjects_) {
        if (filter.matches(subject::PublishSubject::from_token(subject)) &&
            !visit({subject, sequences.size(), *sequences.begin(), *sequences.rbegin()})) {
            return;
        }
    }
}

FilterTotals MemoryStore::totals(Filters filters) const {
    FilterTotals totals;
    for (auto const& [subject, sequences] : subjects_) {
        if (lets_through(filters, subject)) {
            totals.messages += sequences.size();
            ++totals.subjects;
            totals.last = std::max(totals.last, *sequences.rbegin());
        }
    }
    return totals;
}

std::uint64_t MemoryStore::count_from(Filters filters, Sequence from) const {
    std::uint64_t count = 0;
    for (auto at = messages_.lower_bound(from); at != messages_.end(); ++at) {
        count += lets_through(filters, at->second.subject) ? 1 : 0;
    }
    return count;
}

Sequence MemoryStore::first_not_before(WallTime time) const {
    for (auto const& [sequence, kept] : messages_) {
        if (kept.time >= time) {
            return sequence;
        }
    }
    return state_.last + 1;
}

void MemoryStore::visit_deleted(std::function<bool(Sequence, Sequence)> const& visit) const {
    Sequence next = state_.first;
    for (auto const& [sequence, kept] : messages_) {
        if (sequence > next && !visit(next, sequence - 1)) {
            return;
        }
        next = sequence + 1;
    }
    if (next <= state_.last) {
        visit(next, state_.last);
    }
}

}  // namespace signalbox::store
