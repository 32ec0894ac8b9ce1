#include "engine/jetstream/consumer/filter_groups.h"

#include "engine/base/check.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace signalbox::jetstream {

std::uint64_t Reader::left() const {
    return group_->stored_ - taken_;
}

void Reader::set_left(std::uint64_t count) {
    taken_ = group_->stored_ - count;  // May wrap: only differences count.
}

void Reader::set_next_back(std::uint64_t next) {
    next_ = next;
    if (group_ != nullptr) {
        group_->lowest_next_ = std::min(group_->lowest_next_, next);
    }
}

void Reader::wait_for_more() {
    if (!waits_) {
        waits_ = true;
        group_->waiting_.push_back(this);
    }
}

void FilterGroup::stored() {
    ++stored_;
    if (waiting_.empty()) {
        return;
    }
    for (Reader* const reader : std::exchange(waiting_, {})) {
        reader->waits_ = false;
        reader->wake();
    }
}

void FilterGroup::removing(std::uint64_t sequence) {
    if (sequence < lowest_next_) {
        return;  // All have passed it.
    }
    std::uint64_t lowest = std::numeric_limits<std::uint64_t>::max();
    for (Reader* const reader : readers_) {
        if (reader->next_ <= sequence && reader->counts(sequence)) {
            ++reader->taken_;
        }
        lowest = std::min(lowest, reader->next_);
    }
    lowest_next_ = lowest;
}

void FilterGroups::join(Reader& reader, std::vector<std::string> filters) {
    CHECK(reader.group_ == nullptr);
    std::ranges::sort(filters);
    std::unique_ptr<FilterGroup>& group = groups_[filters];
    if (group == nullptr) {
        group = std::make_unique<FilterGroup>();
        group->lowest_next_ = reader.next_;
        auto const free = std::ranges::find(by_id_, nullptr);
        group->id_ = {.index = static_cast<std::uint32_t>(free - by_id_.begin()), .generation = 1};
        if (free == by_id_.end()) {
            by_id_.push_back(group.get());
        } else {
            *free = group.get();
        }
        for (std::string const& filter : filters) {
            index_.insert(subject::Filter::from_checked(filter), {}, {group->id_, 1});
        }
        if (filters.empty()) {
            all_ = group.get();
        }
        group->filters_ = std::move(filters);
    }
    group->readers_.push_back(&reader);
    group->lowest_next_ = std::min(group->lowest_next_, reader.next_);
    reader.group_ = group.get();
}

void FilterGroups::leave(Reader& reader) {
    FilterGroup* const group = std::exchange(reader.group_, nullptr);
    if (group == nullptr) {
        return;
    }
    std::erase(group->waiting_, &reader);
    reader.waits_ = false;
    auto const at = std::ranges::find(group->readers_, &reader);
    *at = group->readers_.back();
    group->readers_.pop_back();
    if (!group->readers_.empty()) {
        return;
    }
    for (std::string const& filter : group->filters_) {
        index_.erase(subject::Filter::from_checked(filter), {}, group->id_);
    }
    by_id_[group->id_.index] = nullptr;
    if (group == all_) {
        all_ = nullptr;
    }
    std::vector<std::string> const key = group->filters_;
    groups_.erase(key);
}

template <class Visit>
void FilterGroups::for_each_group(subject::PublishSubject subject, Visit visit) {
    if (all_ != nullptr) {
        visit(*all_);
    }
    if (index_.size() == 0) {
        return;
    }
    interest_.clear();
    index_.match(subject, interest_);
    for (subject::SubscriptionId const id : interest_.plain) {
        visit(*by_id_[id.index]);
    }
}

void FilterGroups::stored(subject::PublishSubject subject) {
    for_each_group(subject, [](FilterGroup& group) { group.stored(); });
}

void FilterGroups::removing(std::uint64_t sequence, subject::PublishSubject subject) {
    for_each_group(subject, [&](FilterGroup& group) { group.removing(sequence); });
}

bool FilterGroups::any_wants(subject::PublishSubject subject) const {
    if (all_ != nullptr) {
        return true;
    }
    interest_.clear();
    index_.match(subject, interest_);
    return !interest_.plain.empty();
}

}  // namespace signalbox::jetstream
