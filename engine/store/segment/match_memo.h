#pragma once

#include "engine/store/segment/subject_table.h"
#include "engine/store/stream_store.h"

#include <list>
#include <string>
#include <vector>

namespace signalbox::store {

/// Remembers which subjects of a table some filters let through, so that a consumer that passes
/// over a million messages matches each subject once.
class MatchMemo {
public:
    explicit MatchMemo(Filters filters);

    std::string const& key() const { return key_; }

    bool lets_through(SubjectTable const& table, SubjectId id);

    /// The id names another subject now.
    void forget(SubjectId id) {
        if (id < known_.size()) {
            known_[id] = Unknown;
        }
    }

    static std::string key_of(Filters filters);

private:
    enum Known : std::uint8_t {
        Unknown,
        Yes,
        No
    };

    std::string key_;
    std::vector<std::string> filters_;
    std::vector<Known> known_;  ///< By subject.
};

/// The few that were used last.
class MatchMemos {
public:
    /// Lasts until the next call.
    MatchMemo& of(Filters filters);
    void forget(SubjectId id);
    void clear() { memos_.clear(); }

private:
    static constexpr std::size_t kMost = 8;

    std::list<MatchMemo> memos_;  ///< The most recently used first.
};

}  // namespace signalbox::store
