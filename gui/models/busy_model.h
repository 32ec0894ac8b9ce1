#pragma once

#include "engine/observe/snapshot.h"

#include "gui/models/live_rows.h"
#include "gui/models/roles.h"

namespace signalbox::gui {

/// One line of a top list.
struct BusyRow {
    quint64 key = 0;
    QString name;
    double msgsPerSecond = 0;
    double bytesPerSecond = 0;
    bool slow = false;
};

/// A top list: names, a rate each, and a bar that compares them.
class BusyModel : public LiveRows<BusyRow> {
    Q_OBJECT

public:
    enum Column {
        Name,
        MsgRate,
        ByteRate,
        kColumns
    };
    static constexpr std::size_t kLength = 10;

    BusyModel(QString nameTitle, QObject* parent);

    void showSubjects(std::vector<observe::BusySubject> const& subjects);
    /// The ten connections with the most messages both ways.
    void showConnections(std::vector<observe::ConnectionRow> const& connections);

    int columnCount(QModelIndex const& parent = {}) const override;
    QVariant data(QModelIndex const& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    Key keyOf(BusyRow const& row) const override { return row.key; }

private:
    void show(std::vector<BusyRow> rows);

    QString nameTitle_;
    double most_ = 0;
};

}  // namespace signalbox::gui
