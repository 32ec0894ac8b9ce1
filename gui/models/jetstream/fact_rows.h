#pragma once

#include "gui/models/live_rows.h"
#include "gui/models/roles.h"
#include "gui/models/sort_state.h"

#include <QString>

#include <compare>
#include <optional>

namespace signalbox::gui {

/// How one column of a list of facts is headed and laid out.
struct FactColumn {
    QString title;
    bool number = false;  ///< Stands to the right.
};

/// A list of facts that was asked for: filtered by a text, sorted by a column, and replaced now and
/// then by a newer one of which most is the same.
template <class Row>
class FactRows : public LiveRows<Row> {
public:
    using LiveRows<Row>::LiveRows;

    void show(std::vector<Row> all) {
        all_ = std::move(all);
        arrange();
    }
    void setFilter(QString const& text) {
        if (filter_ != text) {
            filter_ = text;
            arrange();
        }
    }
    void setSort(SortState sort) {
        sort_ = sort;
        arrange();
    }
    std::vector<Row> const& all() const { return all_; }

    int columnCount(QModelIndex const& parent = {}) const override {
        return parent.isValid() ? 0 : static_cast<int>(columns().size());
    }

    QVariant headerData(int section, Qt::Orientation orientation, int role) const override {
        if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) {
            return {};
        }
        FactColumn const column = columns()[static_cast<std::size_t>(section)];
        if (role == Qt::DisplayRole) {
            return column.title;
        }
        return role == Qt::TextAlignmentRole ? QVariant(alignment(column)) : QVariant();
    }

    QVariant data(QModelIndex const& index, int role) const override {
        Row const* const row = this->rowAt(index.row());
        if (row == nullptr) {
            return {};
        }
        switch (role) {
            case Qt::DisplayRole:
            case Qt::AccessibleTextRole:
                return text(*row, index.column());
            case Qt::ToolTipRole:
                return tip(*row, index.column());
            case Qt::TextAlignmentRole:
                return alignment(columns()[static_cast<std::size_t>(index.column())]);
            case ToneRole:
                return static_cast<int>(tone(*row, index.column()));
            case BadgesRole:
                if (Badges const all = badges(*row, index.column()); !all.empty()) {
                    return QVariant::fromValue(all);
                }
                return {};
            case FractionRole:
                if (std::optional<double> const part = fraction(*row, index.column())) {
                    return *part;
                }
                return {};
            default:
                return {};
        }
    }

protected:
    virtual std::vector<FactColumn> const& columns() const = 0;
    virtual QString text(Row const& row, int column) const = 0;
    virtual QString tip(Row const& row, int column) const { return text(row, column); }
    virtual std::partial_ordering compare(Row const& a, Row const& b, int column) const = 0;
    virtual bool matches(Row const& row, QString const& filter) const = 0;
    virtual Tone tone(Row const& /*row*/, int /*column*/) const { return Tone::Plain; }
    virtual Badges badges(Row const& /*row*/, int /*column*/) const { return {}; }
    virtual std::optional<double> fraction(Row const& /*row*/, int /*column*/) const {
        return std::nullopt;
    }

    /// What was learned of a row changed how it reads.
    void arrange() {
        std::vector<Row> rows;
        for (Row const& row : all_) {
            if (filter_.isEmpty() || matches(row, filter_)) {
                rows.push_back(row);
            }
        }
        std::ranges::stable_sort(rows, [this](Row const& a, Row const& b) {
            std::partial_ordering const order = compare(a, b, sort_.column);
            return sort_.descending() ? order == std::partial_ordering::greater
                                      : order == std::partial_ordering::less;
        });
        this->replaceRows(std::move(rows));
    }

private:
    static int alignment(FactColumn const& column) {
        return int((column.number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }

    std::vector<Row> all_;
    QString filter_;
    SortState sort_;
};

}  // namespace signalbox::gui
