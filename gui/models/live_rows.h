#pragma once

#include <QAbstractTableModel>

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

namespace signalbox::gui {

/// A table whose rows are replaced ten times a second by a new list of which most is the same.
///
/// Rows are told apart by a key. Those that stay keep their persistent indexes, so selection,
/// current row and scroll position survive; what changed in them is told by one `dataChanged` for
/// the rows on screen alone. However much changed, at most four structural signals are sent.
template <class Row>
class LiveRows : public QAbstractTableModel {
public:
    using QAbstractTableModel::QAbstractTableModel;
    using Key = quint64;

    int rowCount(QModelIndex const& parent = {}) const override {
        return parent.isValid() ? 0 : static_cast<int>(rows_.size());
    }

    Row const* rowAt(int row) const {
        bool const inside = row >= 0 && static_cast<std::size_t>(row) < rows_.size();
        return inside ? &rows_[static_cast<std::size_t>(row)] : nullptr;
    }

    /// The row of that key, or -1.
    int rowOf(Key key) const {
        auto const found =
            std::ranges::find_if(rows_, [&](Row const& row) { return keyOf(row) == key; });
        return found == rows_.end() ? -1 : static_cast<int>(found - rows_.begin());
    }

    std::vector<Row> const& rows() const { return rows_; }

    /// The rows that can be seen; changes of others are not told, for nobody would look.
    void setVisibleRows(int first, int last) {
        firstVisible_ = first;
        lastVisible_ = last;
    }
    std::pair<int, int> visibleRows() const { return {firstVisible_, lastVisible_}; }

protected:
    virtual Key keyOf(Row const& row) const = 0;

    void replaceRows(std::vector<Row> next) {
        std::size_t const shorter = std::min(rows_.size(), next.size());
        std::size_t head = 0;
        while (head < shorter && keyOf(rows_[head]) == keyOf(next[head])) {
            ++head;
        }
        if (head == rows_.size() && head == next.size()) {
            rows_ = std::move(next);
        } else {
            replaceAfter(head, shorter, std::move(next));
        }
        tellVisible();
    }

private:
    using Order = std::vector<std::size_t>;  ///< For each new place, the old one.

    void replaceAfter(std::size_t head, std::size_t shorter, std::vector<Row> next) {
        std::size_t tail = 0;
        while (tail < shorter - head &&
               keyOf(rows_[rows_.size() - 1 - tail]) == keyOf(next[next.size() - 1 - tail])) {
            ++tail;
        }
        std::size_t const gone = rows_.size() - head - tail;
        std::size_t const come = next.size() - head - tail;
        if (gone == 0) {
            beginInsertRows({}, toInt(head), toInt(head + come) - 1);
            rows_ = std::move(next);
            endInsertRows();
        } else if (come == 0) {
            beginRemoveRows({}, toInt(head), toInt(head + gone) - 1);
            rows_ = std::move(next);
            endRemoveRows();
        } else {
            shuffle(std::move(next));
        }
    }

    /// Those that stay go to the front in their new order, the others leave, new ones are appended,
    /// and all are put in place.
    void shuffle(std::vector<Row> next) {
        std::unordered_map<Key, std::size_t> places;
        places.reserve(rows_.size());
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            places.emplace(keyOf(rows_[i]), i);
        }
        Order order;
        std::vector<Row> arrivals;
        std::vector<bool> stays(rows_.size(), false);
        Order final_order(next.size());
        std::vector<std::size_t> arrival_places;
        for (std::size_t i = 0; i < next.size(); ++i) {
            auto const found = places.find(keyOf(next[i]));
            if (found != places.end() && !stays[found->second]) {
                stays[found->second] = true;
                final_order[i] = order.size();
                order.push_back(found->second);
            } else {
                arrival_places.push_back(i);
                arrivals.push_back(next[i]);
            }
        }
        std::size_t const staying = order.size();
        for (std::size_t i = 0; i < arrival_places.size(); ++i) {
            final_order[arrival_places[i]] = staying + i;
        }
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            if (!stays[i]) {
                order.push_back(i);
            }
        }
        permute(order);
        if (staying < rows_.size()) {
            beginRemoveRows({}, toInt(staying), toInt(rows_.size()) - 1);
            rows_.erase(rows_.begin() + static_cast<std::ptrdiff_t>(staying), rows_.end());
            endRemoveRows();
        }
        if (!arrivals.empty()) {
            beginInsertRows({}, toInt(staying), toInt(staying + arrivals.size()) - 1);
            std::ranges::move(arrivals, std::back_inserter(rows_));
            endInsertRows();
        }
        permute(final_order);
        rows_ = std::move(next);
    }

    void permute(Order const& order) {
        if (std::ranges::is_sorted(order)) {
            return;
        }
        emit layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
        std::vector<std::size_t> new_places(order.size());
        std::vector<Row> moved;
        moved.reserve(order.size());
        for (std::size_t i = 0; i < order.size(); ++i) {
            new_places[order[i]] = i;
            moved.push_back(std::move(rows_[order[i]]));
        }
        rows_ = std::move(moved);
        QModelIndexList const from = persistentIndexList();
        QModelIndexList to;
        to.reserve(from.size());
        for (QModelIndex const& old : from) {
            to.append(index(toInt(new_places[static_cast<std::size_t>(old.row())]), old.column()));
        }
        changePersistentIndexList(from, to);
        emit layoutChanged({}, QAbstractItemModel::VerticalSortHint);
    }

    void tellVisible() {
        int const last = std::min(lastVisible_, toInt(rows_.size()) - 1);
        int const first = std::max(firstVisible_, 0);
        if (first <= last) {
            emit dataChanged(index(first, 0), index(last, columnCount() - 1));
        }
    }

    static int toInt(std::size_t value) { return static_cast<int>(value); }

    std::vector<Row> rows_;
    int firstVisible_ = 0;
    int lastVisible_ = 200;
};

}  // namespace signalbox::gui
