#include "engine/store/segment/subject_index.h"

namespace signalbox::store {
namespace {

/// What an entry has room for.
constexpr std::uint64_t kSequenceBits = ~std::uint64_t{0} >> 1;

}  // namespace

SubjectId SubjectIndex::id_of(std::string_view subject) {
    bool added = false;
    SubjectId const id = table_.find_or_add(subject, added);
    if (added) {
        order_.added(id);
        memos_.forget(id);
    }
    return id;
}

Sequence SubjectIndex::add(SubjectId id, Sequence sequence) {
    SubjectEntry& entry = table_.entry(id);
    Sequence const before = entry.messages == 0 ? 0 : entry.last;
    if (entry.messages == 0) {
        entry.first = sequence & kSequenceBits;
        entry.first_stale = 0;
    }
    entry.last = sequence;
    ++entry.messages;
    return before;
}

bool SubjectIndex::remove(SubjectId id, Row const& row) {
    SubjectEntry& entry = table_.entry(id);
    if (--entry.messages == 0) {
        order_.removed(id);
        return true;
    }
    if (row.sequence == entry.last) {
        entry.last = before(id, row);
    }
    // The next one is looked for when somebody asks, for the next removal is often the next one.
    if (row.sequence == entry.first) {
        entry.first = (row.sequence + 1) & kSequenceBits;
        entry.first_stale = 1;
    }
    return false;
}

/// Follows the rows' own links, which lead from each message to the one before on its subject.
/// Where a segment is gone, or was put together again after damage, they lead nowhere.
Sequence SubjectIndex::before(SubjectId id, Row const& row) {
    Sequence at = row.previous;
    while (at != 0) {
        std::optional<Spot> const spot = segments_.find_any(at);
        if (!spot || spot->subject() != id) {
            return scan_backward(id, at);
        }
        if (!spot->segment->table.is_deleted(spot->at)) {
            return at;
        }
        at = spot->row.previous;
    }
    return 0;
}

Sequence SubjectIndex::scan_backward(SubjectId id, Sequence from) const {
    Sequence found = 0;
    segments_.backward(from, [&](Spot const& spot) {
        found = spot.subject() == id ? spot.row.sequence : 0;
        return found == 0;
    });
    return found;
}

Sequence SubjectIndex::scan_forward(SubjectId id, Sequence from) const {
    Sequence found = 0;
    segments_.forward(from, [&](Spot const& spot) {
        found = spot.subject() == id ? spot.row.sequence : 0;
        return found == 0;
    });
    return found;
}

Sequence SubjectIndex::first(SubjectId id) {
    SubjectEntry& entry = table_.entry(id);
    if (entry.first_stale != 0) {
        entry.first = next(id, entry.first) & kSequenceBits;
        entry.first_stale = 0;
    }
    return entry.first;
}

Sequence SubjectIndex::next(SubjectId id, Sequence from) {
    SubjectEntry const& entry = table_.entry(id);
    if (from > entry.last) {
        return 0;
    }
    if (entry.first_stale == 0 && from <= entry.first) {
        return entry.first;
    }
    if (entry.messages > kFewMessages) {
        return scan_forward(id, from);
    }
    // Few of them may lie far apart: their links lead there in fewer steps than the rows between.
    Sequence at = entry.last;
    while (true) {
        std::optional<Spot> const spot = segments_.find(at);
        CHECK(spot.has_value());
        Sequence const earlier = before(id, spot->row);
        if (earlier < from || earlier == 0) {
            return at;
        }
        at = earlier;
    }
}

Sequence SubjectIndex::previous(SubjectId id, Sequence from) {
    SubjectEntry const& entry = table_.entry(id);
    if (from >= entry.last) {
        return entry.last;
    }
    if (from < entry.first) {
        return 0;
    }
    if (entry.messages > kFewMessages) {
        return scan_backward(id, from);
    }
    Sequence at = entry.last;
    while (at > from) {
        std::optional<Spot> const spot = segments_.find(at);
        CHECK(spot.has_value());
        at = before(id, spot->row);
    }
    return at;
}

void SubjectIndex::drop_unused() {
    for (SubjectId id = 0; id < table_.ids(); ++id) {
        if (!table_.is_used(id)) {
            order_.removed(id);
        }
    }
}

void SubjectIndex::clear() {
    table_.clear();
    order_.clear();
    memos_.clear();
}

}  // namespace signalbox::store
