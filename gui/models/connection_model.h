#pragma once

#include "engine/observe/snapshot.h"

#include "gui/models/live_rows.h"
#include "gui/models/roles.h"
#include "gui/models/sort_state.h"

namespace signalbox::gui {

/// The open connections of a server with their figures of now.
class ConnectionModel : public LiveRows<observe::ConnectionRow> {
    Q_OBJECT

public:
    enum Column {
        Cid,
        Name,
        Address,
        Client,
        User,
        Subscriptions,
        MsgsIn,
        MsgsOut,
        BytesIn,
        BytesOut,
        TotalIn,
        TotalOut,
        Pending,
        RoundTrip,
        Uptime,
        Idle,
        kColumns
    };

    using LiveRows::LiveRows;

    void show(std::vector<observe::ConnectionRow> rows, qint64 nowMs);
    void setSort(SortState sort);

    /// While held, rows keep their places and new ones are appended, so that one can point at them.
    void holdOrder(bool held) { held_ = held; }

    int columnCount(QModelIndex const& parent = {}) const override;
    QVariant data(QModelIndex const& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    Key keyOf(observe::ConnectionRow const& row) const override { return row.identity->cid; }

private:
    QString text(observe::ConnectionRow const& row, int column) const;
    QString tip(observe::ConnectionRow const& row, int column) const;
    Tone tone(observe::ConnectionRow const& row, int column) const;
    void order(std::vector<observe::ConnectionRow>& rows) const;
    void keepPlaces(std::vector<observe::ConnectionRow>& rows) const;

    SortState sort_{.column = Cid};
    qint64 nowMs_ = 0;
    bool held_ = false;
};

/// `Python 2.1.0`, as far as the client said.
QString clientText(observe::ConnectionIdentity const& identity);

/// A short way to name a connection in a sentence or a cell.
QString connectionText(observe::ConnectionIdentity const& identity);

}  // namespace signalbox::gui
