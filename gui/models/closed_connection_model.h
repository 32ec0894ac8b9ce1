#pragma once

#include "engine/observe/snapshot.h"

#include "gui/models/roles.h"
#include "gui/models/sort_state.h"

#include <QAbstractTableModel>

#include <memory>
#include <vector>

namespace signalbox::gui {

/// The connections that are gone, newest first, with why and their last figures.
class ClosedConnectionModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column {
        Cid,
        Name,
        Address,
        Client,
        Reason,
        Closed,
        Lasted,
        MsgsIn,
        MsgsOut,
        BytesIn,
        BytesOut,
        Subscriptions,
        kColumns
    };
    using Rows = std::shared_ptr<std::vector<observe::ClosedConnectionRow> const>;

    using QAbstractTableModel::QAbstractTableModel;

    void show(Rows const& rows);

    observe::ClosedConnectionRow const* rowAt(int row) const;

    int rowCount(QModelIndex const& parent = {}) const override;
    int columnCount(QModelIndex const& parent = {}) const override;
    QVariant data(QModelIndex const& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QString text(observe::ClosedConnectionRow const& row, int column) const;

    Rows rows_;
};

}  // namespace signalbox::gui
