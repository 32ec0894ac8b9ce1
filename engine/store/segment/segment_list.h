#pragma once

#include "engine/store/segment/segment.h"

#include <algorithm>
#include <deque>
#include <optional>

namespace signalbox::store {

/// A live message, and where it is.
struct Spot {
    Segment* segment = nullptr;
    RowPlace at;
    Row row;

    SubjectId subject() const { return segment->subjects[row.subject]; }
};

/// The segments of one stream in order, and walks over their live messages.
class SegmentList {
public:
    using Segments = std::deque<std::unique_ptr<Segment>>;

    Segments& all() { return segments_; }
    Segments const& all() const { return segments_; }

    Segment* open_one() {
        return segments_.empty() || segments_.back()->sealed ? nullptr : segments_.back().get();
    }

    /// The segment of that number, or none.
    Segment* numbered(std::uint64_t number) {
        for (std::unique_ptr<Segment> const& segment : segments_) {
            if (segment->number == number) {
                return segment.get();
            }
        }
        return aside_ != nullptr && aside_->number == number ? aside_.get() : nullptr;
    }

    /// One that is being made and is no part of the list, but has a file.
    Segment* aside() { return aside_.get(); }
    void set_aside(std::unique_ptr<Segment> segment) { aside_ = std::move(segment); }
    std::unique_ptr<Segment> take_aside() { return std::move(aside_); }

    std::optional<Spot> find(Sequence sequence) const {
        std::size_t const place = place_of(sequence);
        if (place == segments_.size()) {
            return std::nullopt;
        }
        Spot spot{segments_[place].get(), {}, {}};
        std::optional<RowPlace> const at = spot.segment->table.find(sequence, spot.row);
        if (!at) {
            return std::nullopt;
        }
        spot.at = *at;
        return spot;
    }

    /// Also one that is gone, as long as its segment is there.
    std::optional<Spot> find_any(Sequence sequence) const {
        std::size_t const place = place_of(sequence);
        if (place == segments_.size()) {
            return std::nullopt;
        }
        Segment* const segment = segments_[place].get();
        SegmentTable::GroupRows rows;
        std::uint32_t const group = segment->table.group_of(sequence);
        std::uint32_t const count = segment->table.decode(group, rows);
        for (std::uint32_t i = 0; i < count; ++i) {
            if (rows[i].sequence == sequence) {
                return Spot{segment, {group, i}, rows[i]};
            }
        }
        return std::nullopt;
    }

    /// Calls `visit(spot)` for each live message at or after `from`, until it answers false.
    template <class Visit>
    void forward(Sequence from, Visit visit) const {
        std::size_t place = place_of(from);
        for (place = place == segments_.size() ? 0 : place; place < segments_.size(); ++place) {
            Segment& segment = *segments_[place];
            if (segment.table.live() > 0 && segment.table.last() >= from &&
                !forward_in(segment, from, visit)) {
                return;
            }
        }
    }

    /// The same at or before `from`, backwards.
    template <class Visit>
    void backward(Sequence from, Visit visit) const {
        std::size_t const place = place_of(from);
        if (place == segments_.size()) {
            return;
        }
        for (std::size_t i = place + 1; i > 0; --i) {
            Segment& segment = *segments_[i - 1];
            if (segment.table.live() > 0 && !backward_in(segment, from, visit)) {
                return;
            }
        }
    }

private:
    /// The last segment that begins at or before the sequence; their number when none does.
    std::size_t place_of(Sequence sequence) const {
        auto const after =
            std::ranges::upper_bound(segments_, sequence, {}, [](auto const& segment) {
                return segment->table.empty() ? kLastSequence : segment->table.first();
            });
        return after == segments_.begin() ? segments_.size()
                                          : static_cast<std::size_t>(after - segments_.begin() - 1);
    }

    template <class Visit>
    static bool forward_in(Segment& segment, Sequence from, Visit& visit) {
        SegmentTable const& table = segment.table;
        SegmentTable::GroupRows rows;
        for (std::uint32_t group = table.group_of(from); group < table.groups(); ++group) {
            if (table.all_deleted(group)) {
                continue;
            }
            std::uint32_t const count = table.decode(group, rows);
            for (std::uint32_t i = 0; i < count; ++i) {
                if (rows[i].sequence >= from && !table.is_deleted({group, i}) &&
                    !visit(Spot{&segment, {group, i}, rows[i]})) {
                    return false;
                }
            }
        }
        return true;
    }

    template <class Visit>
    static bool backward_in(Segment& segment, Sequence from, Visit& visit) {
        SegmentTable const& table = segment.table;
        SegmentTable::GroupRows rows;
        for (std::uint32_t next = table.group_of(from) + 1; next > 0; --next) {
            std::uint32_t const group = next - 1;
            if (table.all_deleted(group)) {
                continue;
            }
            for (std::uint32_t i = table.decode(group, rows); i > 0; --i) {
                if (rows[i - 1].sequence <= from && !table.is_deleted({group, i - 1}) &&
                    !visit(Spot{&segment, {group, i - 1}, rows[i - 1]})) {
                    return false;
                }
            }
        }
        return true;
    }

    Segments segments_;
    std::unique_ptr<Segment> aside_;
};

}  // namespace signalbox::store
