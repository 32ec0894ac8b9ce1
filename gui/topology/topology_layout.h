#pragma once

#include "gui/topology/topology_graph.h"

#include <QHash>
#include <QPointF>
#include <QSet>
#include <QVariantMap>

#include <vector>

namespace signalbox::gui {

/// Where the nodes of a graph stand. Links pull, nodes push, and servers of one cluster stay
/// together and apart from others; what is pinned stays. Knows no clock: `step` is one of many.
class TopologyLayout {
public:
    /// Nodes that were there keep their places; new ones begin near those they are linked to.
    void setGraph(TopologyGraph const& graph);

    /// Moves everything a little; false once nothing moves any more.
    bool step();
    /// As many steps as it takes, at most `most`.
    void settle(int most);
    /// Something was moved by hand, so that the rest has to give way.
    void wake() { heat_ = 1; }

    QPointF position(int node) const { return places_[static_cast<std::size_t>(node)].at; }
    void move(int node, QPointF at);
    bool isPinned(int node) const;
    void setPinned(int node, bool pinned);
    void unpinAll();

    /// Positions and pins by the nodes' ids, to be kept.
    QVariantMap save() const;
    void restore(QVariantMap const& kept);

private:
    struct Place {
        QString id;
        QPointF at;
        QPointF pull;
        int group = 0;  ///< Of one cluster.
        bool small = false;
    };
    struct Spring {
        int from = 0;
        int to = 0;
        double length = 0;
        double strength = 0;
    };

    QPointF beginningOf(TopologyGraph const& graph, int node) const;
    void push();
    void pullTogether();
    void pushClusters();

    std::vector<Place> places_;
    std::vector<Spring> springs_;
    int groups_ = 0;
    QSet<QString> pinned_;
    QHash<QString, QPointF> kept_;  ///< Also of nodes that are gone for now.
    double heat_ = 1;
};

}  // namespace signalbox::gui
