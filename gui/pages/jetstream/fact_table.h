#pragma once

#include "gui/models/jetstream/fact_rows.h"
#include "gui/widgets/live_table.h"

#include <QHeaderView>

namespace signalbox::gui {

/// A table over a list of facts: its heading sorts, and the model is told which rows are seen.
template <class Row>
void connectFacts(LiveTable& table, FactRows<Row>& model, int sortedBy,
                  Qt::SortOrder order = Qt::AscendingOrder) {
    table.setModel(&model);
    table.setSelectionMode(QAbstractItemView::SingleSelection);
    QHeaderView* const header = table.horizontalHeader();
    header->setSectionsClickable(true);
    header->setSortIndicator(sortedBy, order);
    header->setSortIndicatorShown(true);
    model.setSort({.column = sortedBy, .order = order});
    QObject::connect(
        header, &QHeaderView::sortIndicatorChanged, &model,
        [&model](int column, Qt::SortOrder by) { model.setSort({.column = column, .order = by}); });
    QObject::connect(&table, &LiveTable::visibleRowsChanged, &model,
                     [&model](int first, int last) { model.setVisibleRows(first, last); });
}

/// The selected row, or none.
template <class Row>
Row const* selectedFact(LiveTable const& table, FactRows<Row> const& model) {
    QModelIndexList const rows = table.selectionModel()->selectedRows();
    return rows.isEmpty() ? nullptr : model.rowAt(rows.front().row());
}

}  // namespace signalbox::gui
