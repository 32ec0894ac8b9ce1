#pragma once

#include "gui/theme.h"
#include "gui/topology/topology_graph.h"
#include "gui/topology/topology_layout.h"

#include <QPainterPath>
#include <QRectF>

class QPainter;

namespace signalbox::gui {

/// What is pointed at or chosen: a node, an edge or neither.
struct TopologyFocus {
    int node = -1;
    int edge = -1;

    friend bool operator==(TopologyFocus const&, TopologyFocus const&) = default;
};

/// Draws a graph, and tells where in it things are. States are shapes and words; colours only
/// repeat them.
class TopologyPainter {
public:
    TopologyPainter(Theme const& theme, TopologyGraph const& graph, TopologyLayout const& layout)
        : theme_(theme), graph_(graph), layout_(layout) {}

    struct Look {
        TopologyFocus hovered;
        TopologyFocus selected;
        double phase = 0;  ///< Of what moves along links; it does not move while it stays.
        bool detailed = true;
        bool focused = false;  ///< The widget has the keyboard.
    };
    void paint(QPainter& painter, Look const& look) const;

    QRectF boundsOf(int node) const;
    QPainterPath pathOf(int edge) const;
    /// Of everything there is.
    QRectF bounds() const;
    /// The hull of a cluster; empty when it has no server here.
    QPainterPath hullOf(QString const& cluster) const;

private:
    void paintHull(QPainter& painter, QString const& cluster, int number) const;
    void paintEdge(QPainter& painter, int edge, Look const& look) const;
    void paintLabel(QPainter& painter, int edge, Look const& look) const;
    void paintServer(QPainter& painter, int node, Look const& look) const;
    void paintClients(QPainter& painter, int node, Look const& look) const;
    void paintState(QPainter& painter, QRectF const& place, TopologyState state) const;
    QColor colorOf(TopologyState state) const;
    QColor colorOf(TopologyEdge const& edge) const;
    QString labelOf(TopologyEdge const& edge, Look const& look, bool pointed) const;
    TopologyNode const& node(int index) const {
        return graph_.nodes[static_cast<std::size_t>(index)];
    }
    TopologyEdge const& edge(int index) const {
        return graph_.edges[static_cast<std::size_t>(index)];
    }

    Theme const& theme_;
    TopologyGraph const& graph_;
    TopologyLayout const& layout_;
};

}  // namespace signalbox::gui
