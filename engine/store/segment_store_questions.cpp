#include "engine/store/segment/block.h"
#include "engine/store/segment_store.h"

#include <algorithm>

namespace signalbox::store {

Result<Load> SegmentStore::load(Sequence sequence) {
    std::optional<Spot> const spot = segments_.find(sequence);
    return spot ? read(*spot) : Result<Load>(Load(NotFound()));
}

Result<Load> SegmentStore::read(Spot const& spot) {
    SegmentBlock const& block = spot.segment->blocks[spot.row.block];
    std::string const* records = block.records.get();
    if (records == nullptr) {
        records = cache_.find({options_.stream, spot.segment->number, spot.row.block});
    }
    if (records == nullptr) {
        return fetch(spot);
    }
    StoredMessage const message = TRY(read_record(*records, spot.row.offset));
    if (message.sequence != spot.row.sequence) {
        return Error(Errc::Corrupt, "another message stands where this one should");
    }
    return Load(Found{message});
}

Result<Load> SegmentStore::fetch(Spot const& spot) {
    if (spot.segment->blocks[spot.row.block].damaged) {
        return Error(Errc::Corrupt, concat("message ", spot.row.sequence, " is damaged"));
    }
    return Load(Fetching{files_.fetch(
        *spot.segment, spot.row.block,
        [this](std::uint64_t number, std::uint32_t block, Result<void> const& fetched) {
            Segment* const segment = segments_.numbered(number);
            if (fetched.ok() || segment == nullptr) {
                return;
            }
            segment->blocks[block].damaged = true;
            damaged_ += segment->blocks[block].live;
            LOG(log_, Error, "stream storage ", options_.stream, ": ", segment->blocks[block].live,
                " messages of block ", block, " of ", files_.path_of(number),
                " cannot be read: ", fetched.error().detail());
        })});
}

void SegmentStore::when_fetched(FetchTicket ticket, std::function<void()> resume) {
    files_.when_fetched(ticket, std::move(resume));
}

std::string_view SegmentStore::only_subject(Filters filters) {
    bool const one = filters.size() == 1 && !filters.front().has_wildcard();
    return one ? filters.front().text() : std::string_view();
}

std::optional<Spot> SegmentStore::find_next(Filters filters, Sequence from) {
    std::optional<Spot> found;
    if (std::string_view const only = only_subject(filters); !only.empty()) {
        std::optional<SubjectId> const id = index_.find(only);
        Sequence const next = id ? index_.next(*id, from) : 0;
        return next == 0 ? std::nullopt : segments_.find(next);
    }
    MatchMemo* const memo = filters.empty() ? nullptr : &index_.memo(filters);
    segments_.forward(from, [&](Spot const& spot) {
        if (memo == nullptr || memo->lets_through(index_.table(), spot.subject())) {
            found = spot;
        }
        return !found;
    });
    return found;
}

std::optional<Spot> SegmentStore::find_previous(Filters filters, Sequence from) {
    std::optional<Spot> found;
    if (std::string_view const only = only_subject(filters); !only.empty()) {
        std::optional<SubjectId> const id = index_.find(only);
        Sequence const previous = id ? index_.previous(*id, from) : 0;
        return previous == 0 ? std::nullopt : segments_.find(previous);
    }
    MatchMemo* const memo = filters.empty() ? nullptr : &index_.memo(filters);
    segments_.backward(from, [&](Spot const& spot) {
        if (memo == nullptr || memo->lets_through(index_.table(), spot.subject())) {
            found = spot;
        }
        return !found;
    });
    return found;
}

Result<Load> SegmentStore::load_next(Filters filters, Sequence from) {
    std::optional<Spot> const spot = find_next(filters, from);
    return spot ? read(*spot) : Result<Load>(Load(NotFound()));
}

Result<Load> SegmentStore::load_previous(Filters filters, Sequence from) {
    std::optional<Spot> const spot = find_previous(filters, from);
    return spot ? read(*spot) : Result<Load>(Load(NotFound()));
}

Result<Load> SegmentStore::load_last(std::string_view subject, Sequence up_to) {
    std::optional<SubjectId> const id = index_.find(subject);
    Sequence const last = id ? index_.previous(*id, up_to) : 0;
    return last == 0 ? Result<Load>(Load(NotFound())) : load(last);
}

SubjectState SegmentStore::describe(SubjectId id) const {
    return {index_.table().text(id), index_.messages(id), index_.first(id), index_.last(id)};
}

std::optional<SubjectState> SegmentStore::subject_state(std::string_view subject) const {
    std::optional<SubjectId> const id = index_.find(subject);
    return id ? std::optional(describe(*id)) : std::nullopt;
}

void SegmentStore::visit_subjects(subject::Filter filter,
                                  std::function<bool(SubjectState const&)> const& visit) const {
    if (!filter.has_wildcard()) {
        if (std::optional<SubjectState> const state = subject_state(filter.text())) {
            visit(*state);
        }
        return;
    }
    index_.visit(filter, [&](SubjectId id) { return visit(describe(id)); });
}

FilterTotals SegmentStore::totals(Filters filters) const {
    FilterTotals totals;
    bool const all =
        filters.empty() || std::ranges::any_of(filters, [](subject::Filter const& filter) {
            return filter.text() == ">";
        });
    if (all) {
        totals = {.messages = state_.messages, .subjects = state_.subjects};
        segments_.backward(state_.last, [&](Spot const& spot) {
            totals.last = spot.row.sequence;
            return false;
        });
        return totals;
    }
    // Filters may overlap: a subject counts with the first that matches it.
    for (std::size_t i = 0; i < filters.size(); ++i) {
        auto const count = [&](SubjectId id) {
            subject::PublishSubject const subject =
                subject::PublishSubject::from_token(index_.table().text(id));
            bool const counted = std::ranges::any_of(
                filters.first(i),
                [&](subject::Filter const& earlier) { return earlier.matches(subject); });
            if (!counted) {
                totals.messages += index_.messages(id);
                ++totals.subjects;
                totals.last = std::max(totals.last, index_.last(id));
            }
            return true;
        };
        if (filters[i].has_wildcard()) {
            index_.visit(filters[i], count);
        } else if (std::optional<SubjectId> const id = index_.find(filters[i].text())) {
            count(*id);
        }
    }
    return totals;
}

std::uint64_t SegmentStore::count_from(Filters filters, Sequence from) const {
    if (from > state_.last) {
        return 0;
    }
    std::uint64_t const all = filters.empty() ? state_.messages : totals(filters).messages;
    if (from <= state_.first || all == 0) {
        return all;
    }
    MatchMemo* const memo = filters.empty() ? nullptr : &index_.memo(filters);
    auto const counts = [&](Spot const& spot) {
        return memo == nullptr || memo->lets_through(index_.table(), spot.subject()) ? 1U : 0U;
    };
    // What lies on the shorter side is counted.
    std::uint64_t count = 0;
    if (from - state_.first > state_.last - from) {
        segments_.forward(from, [&](Spot const& spot) {
            count += counts(spot);
            return true;
        });
        return count;
    }
    segments_.forward(state_.first, [&](Spot const& spot) {
        bool const before = spot.row.sequence < from;
        count += before ? counts(spot) : 0;
        return before;
    });
    return all - count;
}

Sequence SegmentStore::first_not_before(WallTime time) const {
    std::int64_t const wanted = time.since_epoch().count();
    // Whole segments are passed over by their latest message.
    for (std::unique_ptr<Segment> const& segment : segments_.all()) {
        if (segment->table.empty() || segment->table.latest() < wanted ||
            segment->table.live() == 0) {
            continue;
        }
        Sequence found = 0;
        Sequence const last = segment->table.last();
        segments_.forward(segment->table.first(), [&](Spot const& spot) {
            found = spot.row.time >= wanted ? spot.row.sequence : 0;
            return found == 0 && spot.row.sequence <= last;
        });
        if (found != 0) {
            return found;
        }
    }
    return state_.last + 1;
}

void SegmentStore::visit_deleted(std::function<bool(Sequence, Sequence)> const& visit) const {
    Sequence next = state_.first;
    bool go_on = true;
    segments_.forward(state_.first, [&](Spot const& spot) {
        go_on = spot.row.sequence <= next || visit(next, spot.row.sequence - 1);
        next = spot.row.sequence + 1;
        return go_on;
    });
    if (go_on && next <= state_.last) {
        visit(next, state_.last);
    }
}

}  // namespace signalbox::store
