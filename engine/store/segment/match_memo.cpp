#include "engine/store/segment/match_memo.h"

#include "engine/base/text.h"

#include <algorithm>

namespace signalbox::store {

std::string MatchMemo::key_of(Filters filters) {
    std::string key;
    for (subject::Filter const& filter : filters) {
        base::append(key, filter.text(), ' ');
    }
    return key;
}

MatchMemo::MatchMemo(Filters filters) : key_(key_of(filters)) {
    for (subject::Filter const& filter : filters) {
        filters_.emplace_back(filter.text());
    }
}

bool MatchMemo::lets_through(SubjectTable const& table, SubjectId id) {
    if (id >= known_.size()) {
        known_.resize(table.ids(), Unknown);
    }
    if (known_[id] == Unknown) {
        subject::PublishSubject const subject = subject::PublishSubject::from_token(table.text(id));
        bool const matches = std::ranges::any_of(filters_, [&](std::string const& filter) {
            return subject::Filter::from_checked(filter).matches(subject);
        });
        known_[id] = matches ? Yes : No;
    }
    return known_[id] == Yes;
}

MatchMemo& MatchMemos::of(Filters filters) {
    std::string const key = MatchMemo::key_of(filters);
    auto const found = std::ranges::find(memos_, key, &MatchMemo::key);
    if (found != memos_.end()) {
        memos_.splice(memos_.begin(), memos_, found);
        return memos_.front();
    }
    if (memos_.size() == kMost) {
        memos_.pop_back();
    }
    memos_.emplace_front(filters);
    return memos_.front();
}

void MatchMemos::forget(SubjectId id) {
    for (MatchMemo& memo : memos_) {
        memo.forget(id);
    }
}

}  // namespace signalbox::store
