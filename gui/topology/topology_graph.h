#pragma once

#include "engine/observe/topology.h"

#include <QString>
#include <QStringList>

#include <vector>

namespace signalbox::gui {

/// What a node or link is like, told by shape and text as well as by colour.
enum class TopologyState {
    Up,
    Slow,  ///< A client of it, or a peer, does not read quickly enough.
    Starting,
    Draining,
    Stopping,
    Paused,
    Down,
    Silent,    ///< It was asked and does not answer.
    Heard,     ///< Only others tell of it.
    Planned,   ///< It is built, and nothing runs.
    Cut,       ///< Of a link: nothing passes.
    CutForth,  ///< Nothing passes from its first end to its second.
    CutBack,
    Missing,  ///< Of a link: it should be there.
};
QString textOf(TopologyState state);
bool isAlarming(TopologyState state);

struct TopologyNode {
    enum class Kind {
        Server,
        Clients,
    };
    Kind kind = Kind::Server;
    QString id;  ///< Of its kind, unique and lasting: positions are kept by it.
    QString name;
    QString cluster;  ///< Of a server; of clients: that of their server.
    TopologyState state = TopologyState::Up;
    QString note;  ///< More on the state.
    observe::TopologyServer server;
    observe::TopologyClients clients;
};

struct TopologyEdge {
    enum class Kind {
        Route,
        Gateway,
        Leaf,
        Clients,
    };
    Kind kind = Kind::Route;
    int from = 0;  ///< Places among the nodes.
    int to = 0;
    TopologyState state = TopologyState::Up;
    QString shaping;  ///< `+50 ms`: what a lab adds to it; empty: nothing.
    observe::TopologyLink link;
};
QString textOf(TopologyEdge::Kind kind);

/// What the topology page draws and lists.
struct TopologyGraph {
    std::vector<TopologyNode> nodes;
    std::vector<TopologyEdge> edges;
    QString notice;  ///< What is left out, or does not answer; empty: nothing.

    int indexOf(QString const& id) const;
    /// Its clusters, in order; a server without one counts as none.
    QStringList clusters() const;
};

struct GraphOptions {
    bool clients = true;
};

/// A graph of what servers say. `clients`: a node for each name that clients of one server have;
/// past a bound for each server the least busy ones share one.
TopologyGraph graphOf(observe::Topology const& topology, GraphOptions const& options);

/// `1.2 k/s → · ← 3/s`: what goes over a link.
QString flowText(observe::TopologyLink const& link);
/// The same for a table or a screen reader, with its ends, its state and all there is to know.
QString describe(TopologyGraph const& graph, TopologyEdge const& edge);
QString describe(TopologyNode const& node);

}  // namespace signalbox::gui
