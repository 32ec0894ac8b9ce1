#pragma once

#include "engine/store/segment/match_memo.h"
#include "engine/store/segment/segment_list.h"
#include "engine/store/segment/subject_order.h"

namespace signalbox::store {

/// Which subjects a stream holds and how many messages of each, with its first and its last.
/// Derived from the segments' tables alone, and so never what is to be saved.
class SubjectIndex {
public:
    explicit SubjectIndex(SegmentList const& segments) : segments_(segments) {}

    SubjectIndex(SubjectIndex const&) = delete;
    SubjectIndex& operator=(SubjectIndex const&) = delete;

    SubjectTable const& table() const { return table_; }
    std::size_t size() const { return table_.size(); }
    std::optional<SubjectId> find(std::string_view subject) const { return table_.find(subject); }

    /// The subject's id, a new one when it has no messages.
    SubjectId id_of(std::string_view subject);

    /// A message was added behind all others. Answers the one before it on the subject, or 0.
    Sequence add(SubjectId id, Sequence sequence);

    /// A message is gone, and not found in the segments any more. True when it was the subject's
    /// last one, whose id means nothing from now on.
    bool remove(SubjectId id, Row const& row);

    /// Of a table that was just filled: subjects that got no message.
    void drop_unused();

    void clear();
    void reserve(std::size_t subjects) { table_.reserve(subjects); }

    Sequence first(SubjectId id);
    Sequence last(SubjectId id) const { return table_.entry(id).last; }
    std::uint64_t messages(SubjectId id) const { return table_.entry(id).messages; }

    /// The subject's first message at or after `from`; 0 when there is none.
    Sequence next(SubjectId id, Sequence from);
    /// The subject's last message at or before `from`; 0 when there is none.
    Sequence previous(SubjectId id, Sequence from);

    void visit(subject::Filter filter, std::function<bool(SubjectId)> const& visit) {
        order_.visit(filter, visit);
    }
    MatchMemo& memo(Filters filters) { return memos_.of(filters); }

    std::uint64_t memory() const { return table_.memory(); }

private:
    static constexpr std::uint32_t kFewMessages = 128;

    Sequence before(SubjectId id, Row const& row);
    Sequence scan_forward(SubjectId id, Sequence from) const;
    Sequence scan_backward(SubjectId id, Sequence from) const;

    SegmentList const& segments_;
    SubjectTable table_;
    SubjectOrder order_{table_};
    MatchMemos memos_;
};

}  // namespace signalbox::store
