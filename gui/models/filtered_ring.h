#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

namespace signalbox::gui {

/// The last rows of an endless list, and which of them are shown.
///
/// Every row has a number that never changes; those shown are kept as a list of numbers, so that
/// a new filter costs one pass and an appended row a look at itself.
template <class Row>
class FilteredRing {
public:
    using Filter = std::function<bool(Row const&)>;

    explicit FilteredRing(std::size_t limit) : limit_(limit) {}

    /// What an append would change, in shown rows: so many go at the front, so many come.
    struct Change {
        std::size_t evicted = 0;
        std::vector<std::uint64_t> added;
    };

    /// Says what `append` of these rows will do. When there is no room, a tenth of the ring is
    /// given up at once, so that views are not told to drop rows with every batch.
    Change plan(std::vector<Row> const& rows) const {
        Change change;
        std::size_t const total = rows_.size() + rows.size();
        std::size_t const leaving =
            total > limit_ ? std::min(total, total - limit_ + limit_ / 10) : 0;
        std::uint64_t const first_kept = base_ + leaving;
        while (change.evicted < shown_.size() && shown_[change.evicted] < first_kept) {
            ++change.evicted;
        }
        std::uint64_t number = base_ + rows_.size();
        for (Row const& row : rows) {
            if (number >= first_kept && (!filter_ || filter_(row))) {
                change.added.push_back(number);
            }
            ++number;
        }
        return change;
    }

    void evict(Change const& change) {
        shown_.erase(shown_.begin(), shown_.begin() + static_cast<std::ptrdiff_t>(change.evicted));
    }

    void append(std::vector<Row> rows, Change const& change) {
        for (Row& row : rows) {
            rows_.push_back(std::move(row));
        }
        if (rows_.size() > limit_) {
            std::size_t const leaving = std::min(rows_.size(), rows_.size() - limit_ + limit_ / 10);
            rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(leaving));
            base_ += leaving;
        }
        shown_.insert(shown_.end(), change.added.begin(), change.added.end());
    }

    void setFilter(Filter filter) {
        filter_ = std::move(filter);
        shown_.clear();
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            if (!filter_ || filter_(rows_[i])) {
                shown_.push_back(base_ + i);
            }
        }
    }

    void clear() {
        base_ += rows_.size();
        rows_.clear();
        shown_.clear();
    }

    std::size_t shown() const { return shown_.size(); }
    std::size_t held() const { return rows_.size(); }
    std::size_t limit() const { return limit_; }

    /// `i` is below `shown()`.
    Row const& at(std::size_t i) const {
        return rows_[static_cast<std::size_t>(shown_[i] - base_)];
    }

private:
    std::deque<Row> rows_;
    std::deque<std::uint64_t> shown_;
    std::uint64_t base_ = 0;  ///< The number of the first row held.
    std::size_t limit_;
    Filter filter_;
};

}  // namespace signalbox::gui
