#pragma once

#include "gui/models/live_rows.h"
#include "gui/models/roles.h"
#include "gui/topology/topology_graph.h"

namespace signalbox::gui {

/// A line of the table that says all that the graph draws.
struct TopologyRow {
    quint64 key = 0;
    int node = -1;  ///< Its place in the graph, or that of an edge.
    int edge = -1;
    QString what;
    QString name;
    QString cluster;
    QString state;
    Tone tone = Tone::Plain;
    QString connections;
    QString in;
    QString out;
    QString pending;
    QString rtt;
};

/// The same as the graph for a keyboard and a screen reader: servers, then links, then clients.
class TopologyModel : public LiveRows<TopologyRow> {
    Q_OBJECT

public:
    enum Column {
        What,
        Name,
        Cluster,
        State,
        Connections,
        In,
        Out,
        Pending,
        Rtt,
        kColumns
    };

    explicit TopologyModel(QObject* parent);

    void show(TopologyGraph const& graph);

    int columnCount(QModelIndex const& parent = {}) const override;
    QVariant data(QModelIndex const& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    Key keyOf(TopologyRow const& row) const override { return row.key; }
};

}  // namespace signalbox::gui
