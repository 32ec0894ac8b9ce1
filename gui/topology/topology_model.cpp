#include "gui/topology/topology_model.h"

#include "gui/models/figures.h"

namespace signalbox::gui {

namespace {

Tone toneOf(TopologyState state) {
    switch (state) {
        case TopologyState::Up:
            return Tone::Good;
        case TopologyState::Starting:
        case TopologyState::Heard:
        case TopologyState::Planned:
            return Tone::Muted;
        case TopologyState::Slow:
        case TopologyState::Draining:
        case TopologyState::Stopping:
        case TopologyState::Paused:
        case TopologyState::Missing:
            return Tone::Warning;
        case TopologyState::Down:
        case TopologyState::Silent:
        case TopologyState::Cut:
        case TopologyState::CutForth:
        case TopologyState::CutBack:
            return Tone::Error;
    }
    return Tone::Plain;
}

QString pendingText(std::uint64_t bytes) {
    return bytes == 0 ? QStringLiteral("–") : shortBytes(static_cast<double>(bytes));
}

TopologyRow rowFor(TopologyNode const& node, int place) {
    TopologyRow row;
    row.key = qHash(node.id);
    row.node = place;
    row.name = node.name;
    row.cluster = node.cluster;
    row.state = node.note.isEmpty() ? textOf(node.state)
                                    : QStringLiteral("%1: %2").arg(textOf(node.state), node.note);
    row.tone = toneOf(node.state);
    if (node.kind == TopologyNode::Kind::Server) {
        row.what = TopologyModel::tr("server");
        row.connections = exactCount(node.server.connections);
        row.in = rateCell(node.server.in_msgs.per_second);
        row.out = rateCell(node.server.out_msgs.per_second);
        return row;
    }
    row.what = TopologyModel::tr("clients");
    row.cluster = wireText(node.clients.server);
    row.connections = exactCount(node.clients.count);
    row.in = rateCell(node.clients.in_msgs_per_second);
    row.out = rateCell(node.clients.out_msgs_per_second);
    row.pending = pendingText(node.clients.pending_bytes);
    return row;
}

TopologyRow rowFor(TopologyGraph const& graph, int place) {
    TopologyEdge const& edge = graph.edges[static_cast<std::size_t>(place)];
    TopologyNode const& from = graph.nodes[static_cast<std::size_t>(edge.from)];
    TopologyNode const& to = graph.nodes[static_cast<std::size_t>(edge.to)];
    bool const route = edge.kind == TopologyEdge::Kind::Route;
    TopologyRow row;
    row.key = qHash(QStringLiteral("%1/%2/%3").arg(textOf(edge.kind), from.id, to.id));
    row.edge = place;
    row.what = textOf(edge.kind);
    row.name = QStringLiteral("%1 %2 %3")
                   .arg(from.name, route ? QStringLiteral("↔") : QStringLiteral("→"), to.name);
    row.cluster = from.cluster == to.cluster || from.cluster.isEmpty()
                      ? to.cluster
                      : QStringLiteral("%1, %2").arg(from.cluster, to.cluster);
    row.state = edge.shaping.isEmpty()
                    ? textOf(edge.state)
                    : QStringLiteral("%1, %2").arg(textOf(edge.state), edge.shaping);
    row.tone = toneOf(edge.state);
    row.connections = exactCount(edge.link.connections);
    row.in = rateCell(edge.link.back_msgs.per_second);
    row.out = rateCell(edge.link.forth_msgs.per_second);
    row.pending = pendingText(edge.link.pending_bytes);
    row.rtt = edge.link.rtt.count() > 0 ? shortDuration(edge.link.rtt) : QStringLiteral("–");
    return row;
}

}  // namespace

TopologyModel::TopologyModel(QObject* parent) : LiveRows(parent) {}

void TopologyModel::show(TopologyGraph const& graph) {
    std::vector<TopologyRow> rows;
    auto const addNodes = [&](TopologyNode::Kind kind) {
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            if (graph.nodes[i].kind == kind) {
                rows.push_back(rowFor(graph.nodes[i], static_cast<int>(i)));
            }
        }
    };
    addNodes(TopologyNode::Kind::Server);
    for (std::size_t i = 0; i < graph.edges.size(); ++i) {
        if (graph.edges[i].kind != TopologyEdge::Kind::Clients) {
            rows.push_back(rowFor(graph, static_cast<int>(i)));
        }
    }
    addNodes(TopologyNode::Kind::Clients);
    replaceRows(std::move(rows));
}

int TopologyModel::columnCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(kColumns);
}

QVariant TopologyModel::data(QModelIndex const& index, int role) const {
    TopologyRow const* const row = rowAt(index.row());
    if (row == nullptr) {
        return {};
    }
    if (role == ToneRole) {
        return index.column() == State ? static_cast<int>(row->tone)
                                       : static_cast<int>(Tone::Plain);
    }
    if (role == Qt::TextAlignmentRole) {
        return int((index.column() <= State ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole && role != Qt::AccessibleTextRole && role != Qt::ToolTipRole) {
        return {};
    }
    switch (index.column()) {
        case What:
            return row->what;
        case Name:
            return row->name;
        case Cluster:
            return row->cluster;
        case State:
            return row->state;
        case Connections:
            return row->connections;
        case In:
            return row->in;
        case Out:
            return row->out;
        case Pending:
            return row->pending;
        case Rtt:
            return row->rtt;
        default:
            return {};
    }
}

QVariant TopologyModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return int((section <= State ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
        case What:
            return tr("What");
        case Name:
            return tr("Name");
        case Cluster:
            return tr("Of");
        case State:
            return tr("State");
        case Connections:
            return tr("Connections");
        case In:
            return tr("In msg/s");
        case Out:
            return tr("Out msg/s");
        case Pending:
            return tr("Pending");
        case Rtt:
            return tr("RTT");
        default:
            return {};
    }
}

}  // namespace signalbox::gui
