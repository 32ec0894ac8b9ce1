#include "gui/topology/topology_graph.h"

#include "gui/models/figures.h"

#include <QCoreApplication>
#include <QHash>

#include <algorithm>
#include <map>

namespace signalbox::gui {

namespace {

/// Of one server; more would hide it.
constexpr std::size_t kClientNodes = 6;

QString tr(char const* text) {
    return QCoreApplication::translate("TopologyGraph", text);
}

TopologyNode nodeOf(observe::TopologyServer const& server) {
    TopologyNode node;
    node.id = QStringLiteral("server/") + wireText(server.name);
    node.name = wireText(server.name);
    node.cluster = wireText(server.cluster);
    node.server = server;
    if (!server.asked) {
        node.state = TopologyState::Heard;
    } else if (!server.answered) {
        node.state = TopologyState::Silent;
    }
    return node;
}

double rateOf(observe::TopologyClients const& clients) {
    return clients.in_msgs_per_second + clients.out_msgs_per_second;
}

/// Those that get a node, and the rest together.
std::vector<observe::TopologyClients> shownOf(std::vector<observe::TopologyClients> all) {
    std::ranges::stable_sort(all, std::ranges::greater{}, rateOf);
    if (all.size() <= kClientNodes) {
        return all;
    }
    observe::TopologyClients rest;
    rest.server = all.front().server;
    rest.name = tr("others").toStdString();
    for (std::size_t i = kClientNodes - 1; i < all.size(); ++i) {
        rest.count += all[i].count;
        rest.in_msgs_per_second += all[i].in_msgs_per_second;
        rest.out_msgs_per_second += all[i].out_msgs_per_second;
        rest.pending_bytes += all[i].pending_bytes;
        rest.slow += all[i].slow;
    }
    all.resize(kClientNodes - 1);
    all.push_back(std::move(rest));
    return all;
}

void addClients(TopologyGraph& graph, observe::Topology const& topology) {
    std::map<std::string, std::vector<observe::TopologyClients>> byServer;
    for (observe::TopologyClients const& clients : topology.clients) {
        byServer[clients.server].push_back(clients);
    }
    for (auto& [server, clients] : byServer) {
        int const of = graph.indexOf(QStringLiteral("server/") + wireText(server));
        if (of < 0) {
            continue;
        }
        QString const cluster = graph.nodes[static_cast<std::size_t>(of)].cluster;
        for (observe::TopologyClients const& one : shownOf(std::move(clients))) {
            TopologyNode node;
            node.kind = TopologyNode::Kind::Clients;
            node.name = one.name.empty() ? tr("unnamed") : wireText(one.name);
            node.id = QStringLiteral("clients/%1/%2").arg(wireText(server), node.name);
            node.cluster = cluster;
            node.clients = one;
            node.state = one.slow > 0 ? TopologyState::Slow : TopologyState::Up;
            TopologyEdge edge;
            edge.kind = TopologyEdge::Kind::Clients;
            edge.from = static_cast<int>(graph.nodes.size());
            edge.to = of;
            edge.state = node.state;
            edge.link.forth_msgs.per_second = one.in_msgs_per_second;
            edge.link.back_msgs.per_second = one.out_msgs_per_second;
            edge.link.pending_bytes = one.pending_bytes;
            graph.nodes.push_back(std::move(node));
            graph.edges.push_back(std::move(edge));
        }
    }
}

TopologyEdge::Kind kindOf(observe::TopologyLinkKind kind) {
    switch (kind) {
        case observe::TopologyLinkKind::Route:
            return TopologyEdge::Kind::Route;
        case observe::TopologyLinkKind::Gateway:
            return TopologyEdge::Kind::Gateway;
        case observe::TopologyLinkKind::Leaf:
            return TopologyEdge::Kind::Leaf;
    }
    return TopologyEdge::Kind::Route;
}

QString noticeFor(observe::Topology const& topology) {
    auto const asked = std::ranges::count_if(topology.servers, &observe::TopologyServer::asked);
    auto const answered = std::ranges::count_if(
        topology.servers,
        [](observe::TopologyServer const& one) { return one.asked && one.answered; });
    QStringList parts;
    if (answered < asked) {
        parts << tr("%1 of %2 servers answer.").arg(answered).arg(asked);
    }
    auto const heard = static_cast<qsizetype>(topology.servers.size()) - asked;
    if (heard > 0) {
        parts << (heard == 1 ? tr("One more server is only known from others.")
                             : tr("%1 more servers are only known from others.").arg(heard));
    }
    if (topology.clients_unlisted > 0) {
        parts << tr("%1 clients are not listed.").arg(exactCount(topology.clients_unlisted));
    }
    return parts.join(QLatin1Char(' '));
}

}  // namespace

QString textOf(TopologyState state) {
    switch (state) {
        case TopologyState::Up:
            return tr("up");
        case TopologyState::Slow:
            return tr("slow");
        case TopologyState::Starting:
            return tr("starting");
        case TopologyState::Draining:
            return tr("lame duck");
        case TopologyState::Stopping:
            return tr("stopping");
        case TopologyState::Paused:
            return tr("paused");
        case TopologyState::Down:
            return tr("down");
        case TopologyState::Silent:
            return tr("no answer");
        case TopologyState::Heard:
            return tr("not asked");
        case TopologyState::Planned:
            return tr("not started");
        case TopologyState::Cut:
            return tr("cut");
        case TopologyState::CutForth:
        case TopologyState::CutBack:
            return tr("cut one way");
        case TopologyState::Missing:
            return tr("not connected");
    }
    return {};
}

bool isAlarming(TopologyState state) {
    return state != TopologyState::Up && state != TopologyState::Heard &&
           state != TopologyState::Starting && state != TopologyState::Planned;
}

QString textOf(TopologyEdge::Kind kind) {
    switch (kind) {
        case TopologyEdge::Kind::Route:
            return tr("route");
        case TopologyEdge::Kind::Gateway:
            return tr("gateway");
        case TopologyEdge::Kind::Leaf:
            return tr("leaf node");
        case TopologyEdge::Kind::Clients:
            return tr("clients");
    }
    return {};
}

int TopologyGraph::indexOf(QString const& id) const {
    auto const found = std::ranges::find(nodes, id, &TopologyNode::id);
    return found == nodes.end() ? -1 : static_cast<int>(found - nodes.begin());
}

QStringList TopologyGraph::clusters() const {
    QStringList names;
    for (TopologyNode const& node : nodes) {
        bool const server = node.kind == TopologyNode::Kind::Server;
        if (server && !node.cluster.isEmpty() && !names.contains(node.cluster)) {
            names << node.cluster;
        }
    }
    names.sort();
    return names;
}

TopologyGraph graphOf(observe::Topology const& topology, GraphOptions const& options) {
    TopologyGraph graph;
    QHash<QString, int> places;
    for (observe::TopologyServer const& server : topology.servers) {
        TopologyNode node = nodeOf(server);
        places[node.name] = static_cast<int>(graph.nodes.size());
        graph.nodes.push_back(std::move(node));
    }
    for (observe::TopologyLink const& link : topology.links) {
        auto const from = places.constFind(wireText(link.from));
        auto const to = places.constFind(wireText(link.to));
        if (from == places.cend() || to == places.cend() || *from == *to) {
            continue;
        }
        TopologyEdge edge;
        edge.kind = kindOf(link.kind);
        edge.from = *from;
        edge.to = *to;
        edge.link = link;
        graph.edges.push_back(std::move(edge));
    }
    if (options.clients) {
        addClients(graph, topology);
    }
    graph.notice = noticeFor(topology);
    return graph;
}

QString flowText(observe::TopologyLink const& link) {
    double const forth = link.forth_msgs.per_second;
    double const back = link.back_msgs.per_second;
    if (forth < 0.05 && back < 0.05) {
        return {};
    }
    if (back < 0.05) {
        return tr("%1/s →").arg(shortCount(forth));
    }
    if (forth < 0.05) {
        return tr("← %1/s").arg(shortCount(back));
    }
    return tr("%1/s → · ← %2/s").arg(shortCount(forth), shortCount(back));
}

QString describe(TopologyGraph const& graph, TopologyEdge const& edge) {
    TopologyNode const& from = graph.nodes[static_cast<std::size_t>(edge.from)];
    TopologyNode const& to = graph.nodes[static_cast<std::size_t>(edge.to)];
    QString text = tr("%1 between %2 and %3, %4")
                       .arg(textOf(edge.kind), from.name, to.name, textOf(edge.state));
    if (!edge.shaping.isEmpty()) {
        text += QStringLiteral(", ") + edge.shaping;
    }
    text += tr(", %1 messages a second there and %2 back")
                .arg(shortCount(edge.link.forth_msgs.per_second),
                     shortCount(edge.link.back_msgs.per_second));
    return text;
}

QString describe(TopologyNode const& node) {
    if (node.kind == TopologyNode::Kind::Clients) {
        return tr("%1 clients called %2, %3")
            .arg(exactCount(node.clients.count), node.name, textOf(node.state));
    }
    return tr("server %1, %2, %3 connections")
        .arg(node.name, textOf(node.state), exactCount(node.server.connections));
}

}  // namespace signalbox::gui
