#pragma once

#include "gui/models/filtered_ring.h"
#include "gui/models/roles.h"
#include "gui/source/data_source.h"

#include <QAbstractTableModel>

namespace signalbox::gui {

/// What happened to the servers, newest first.
class EventModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column {
        Time,
        Kind,
        Text,
        kColumns
    };

    static constexpr std::size_t kLimit = 5'000;

    using QAbstractTableModel::QAbstractTableModel;

    void append(EventBatch const& rows);
    void clear();

    int rowCount(QModelIndex const& parent = {}) const override;
    int columnCount(QModelIndex const& parent = {}) const override;
    QVariant data(QModelIndex const& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QString text(observe::EventRow const& row, int column) const;

    std::deque<observe::EventRow> rows_;  ///< Newest first.
};

}  // namespace signalbox::gui
