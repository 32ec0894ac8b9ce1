#pragma once

#include <Qt>

namespace signalbox::gui {

/// By what a live list is ordered. The order is made where the rows come from, never by a proxy.
struct SortState {
    int column = 0;
    Qt::SortOrder order = Qt::AscendingOrder;

    bool descending() const { return order == Qt::DescendingOrder; }
    friend bool operator==(SortState const&, SortState const&) = default;
};

}  // namespace signalbox::gui
