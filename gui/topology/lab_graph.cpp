#include "gui/topology/lab_graph.h"

#include "gui/models/figures.h"
#include "gui/source/lab_source.h"

#include <algorithm>
#include <set>

namespace signalbox::gui {

namespace {

using host::lab::LocalCluster;
using host::lab::LocalState;
using host::lab::PlannedServer;

QString idOf(PlannedServer const& server) {
    return QStringLiteral("server/") + QString::fromStdString(server.name);
}

TopologyState stateOf(LocalState state, bool answers) {
    switch (state) {
        case LocalState::Down:
            return TopologyState::Down;
        case LocalState::Starting:
            return TopologyState::Starting;
        case LocalState::Running:
            return answers ? TopologyState::Up : TopologyState::Starting;
        case LocalState::Paused:
            return TopologyState::Paused;
        case LocalState::Draining:
            return TopologyState::Draining;
        case LocalState::Stopping:
            return TopologyState::Stopping;
    }
    return TopologyState::Down;
}

QString shapingText(shape::LinkProfile const& profile) {
    QStringList parts;
    if (profile.latency.count() > 0) {
        parts << QStringLiteral("+") + shortDuration(profile.latency);
    }
    if (profile.jitter.count() > 0) {
        parts << QStringLiteral("±") + shortDuration(profile.jitter);
    }
    if (profile.bytes_per_second > 0) {
        parts << shortBytes(static_cast<double>(profile.bytes_per_second)) + QStringLiteral("/s");
    }
    return parts.join(QLatin1Char(' '));
}

TopologyEdge::Kind kindBetween(PlannedServer const& a, PlannedServer const& b) {
    if (a.cluster.empty() || b.cluster.empty()) {
        return TopologyEdge::Kind::Leaf;
    }
    return a.cluster == b.cluster ? TopologyEdge::Kind::Route : TopologyEdge::Kind::Gateway;
}

/// Puts the plan and its faults over what the servers say.
class Overlay {
public:
    Overlay(LabSource& lab, TopologyGraph graph)
        : cluster_(lab.cluster()), graph_(std::move(graph)) {
        if (cluster_ == nullptr) {
            plan_ = std::make_unique<host::lab::Plan>(lab.design().topology,
                                                      host::lab::Addressing::Loopback);
        }
    }

    TopologyGraph make() {
        for (std::size_t i = 0; i < plan().servers().size(); ++i) {
            addServer(i);
        }
        for (TopologyEdge& edge : graph_.edges) {
            if (edge.kind != TopologyEdge::Kind::Clients) {
                decorate(edge);
            }
        }
        addMissing();
        return std::move(graph_);
    }

private:
    host::lab::Plan const& plan() const { return cluster_ ? cluster_->plan() : *plan_; }

    void addServer(std::size_t number) {
        PlannedServer const& server = plan().servers()[number];
        int at = graph_.indexOf(idOf(server));
        if (at < 0) {
            TopologyNode node;
            node.id = idOf(server);
            node.name = QString::fromStdString(server.name);
            node.server.name = server.name;
            at = static_cast<int>(graph_.nodes.size());
            graph_.nodes.push_back(std::move(node));
        }
        TopologyNode& node = graph_.nodes[static_cast<std::size_t>(at)];
        node.cluster = QString::fromStdString(server.cluster);
        bool const answers = node.server.answered;
        node.state = cluster_ ? stateOf(cluster_->state(number), answers) : TopologyState::Planned;
        node.note = cluster_ ? QString::fromStdString(cluster_->note(number)) : QString();
        node.server.host = server.host;
        node.server.port = server.ports.client;
    }

    std::optional<std::size_t> planned(int node) const {
        QString const& name = graph_.nodes[static_cast<std::size_t>(node)].name;
        Result<std::size_t> const found = plan().find(name.toStdString());
        return found.ok() ? std::optional(found.value()) : std::nullopt;
    }

    void decorate(TopologyEdge& edge) const {
        std::optional<std::size_t> const from = planned(edge.from);
        std::optional<std::size_t> const to = planned(edge.to);
        if (!cluster_ || !from || !to) {
            return;
        }
        host::lab::LinkState const& links = cluster_->links();
        bool const forth = links.blocked(*from, *to);
        bool const back = links.blocked(*to, *from);
        if (forth && back) {
            edge.state = TopologyState::Cut;
        } else if (forth || back) {
            edge.state = forth ? TopologyState::CutForth : TopologyState::CutBack;
        }
        edge.shaping = shapingText(links.profile(*from, *to));
    }

    bool isThere(int a, int b) const {
        return std::ranges::any_of(graph_.edges, [&](TopologyEdge const& edge) {
            return (edge.from == a && edge.to == b) || (edge.from == b && edge.to == a);
        });
    }

    /// A leaf node is linked to any server of its hub, a server to any of another cluster.
    bool reaches(int node, std::string const& cluster) const {
        QString const name = QString::fromStdString(cluster);
        return std::ranges::any_of(graph_.edges, [&](TopologyEdge const& edge) {
            return edge.kind != TopologyEdge::Kind::Clients &&
                   ((edge.from == node &&
                     graph_.nodes[static_cast<std::size_t>(edge.to)].cluster == name) ||
                    (edge.to == node &&
                     graph_.nodes[static_cast<std::size_t>(edge.from)].cluster == name));
        });
    }

    /// Links that should be there and are not; while nothing runs, all that will be.
    void addMissing() {
        auto const& servers = plan().servers();
        std::set<std::pair<std::size_t, std::string>> reached;
        for (std::size_t a = 0; a < servers.size(); ++a) {
            for (std::size_t b = 0; b < servers.size(); ++b) {
                if (a == b || !plan().linked(a, b)) {
                    continue;
                }
                auto const kind = kindBetween(servers[a], servers[b]);
                int const from = graph_.indexOf(idOf(servers[a]));
                int const to = graph_.indexOf(idOf(servers[b]));
                bool const leaf = kind == TopologyEdge::Kind::Leaf && servers[a].cluster.empty();
                bool const gateway = kind == TopologyEdge::Kind::Gateway && a < b;
                bool const route = kind == TopologyEdge::Kind::Route && a < b;
                if (route ? isThere(from, to)
                          : (!leaf && !gateway) || reaches(from, servers[b].cluster) ||
                                !reached
                                     .emplace(gateway ? 0 : a,
                                              servers[a].cluster + servers[b].cluster)
                                     .second) {
                    continue;
                }
                add(kind, from, to, a, b);
            }
        }
    }

    void add(TopologyEdge::Kind kind, int from, int to, std::size_t a, std::size_t b) {
        TopologyEdge edge;
        edge.kind = kind;
        edge.from = from;
        edge.to = to;
        auto const up = [this](std::size_t server) {
            return cluster_ && cluster_->state(server) == LocalState::Running;
        };
        bool const both = up(a) && up(b) &&
                          graph_.nodes[static_cast<std::size_t>(from)].server.answered &&
                          graph_.nodes[static_cast<std::size_t>(to)].server.answered;
        if (cluster_ && !both) {
            return;  // That it is not there says the server already.
        }
        edge.state = cluster_ ? TopologyState::Missing : TopologyState::Planned;
        decorate(edge);
        if (!cluster_) {
            edge.shaping = shapingText(plan().profile(a, b));
        }
        graph_.edges.push_back(std::move(edge));
    }

    LocalCluster* cluster_;
    std::unique_ptr<host::lab::Plan> plan_;
    TopologyGraph graph_;
};

void addOnce(host::lab::Places& places, std::string const& place) {
    if (std::ranges::find(places, place) == places.end()) {
        places.push_back(place);
    }
}

}  // namespace

TopologyGraph labGraph(LabSource& lab, observe::TopologyPtr const& topology,
                       GraphOptions const& options) {
    TopologyGraph graph;
    if (topology) {
        graph = graphOf(*topology, options);
    }
    graph.notice.clear();  // The states of the servers say it.
    return Overlay(lab, std::move(graph)).make();
}

host::lab::Cut cutFor(TopologyGraph const& graph, TopologyEdge const& edge) {
    auto const place = [&](int node, int other) {
        TopologyNode const& one = graph.nodes[static_cast<std::size_t>(node)];
        TopologyNode const& peer = graph.nodes[static_cast<std::size_t>(other)];
        bool const whole = edge.kind == TopologyEdge::Kind::Gateway ||
                           (edge.kind == TopologyEdge::Kind::Leaf && peer.cluster.isEmpty());
        return (whole && !one.cluster.isEmpty() ? one.cluster : one.name).toStdString();
    };
    return {{place(edge.from, edge.to)}, {place(edge.to, edge.from)}, false};
}

std::optional<host::lab::Cut> cutFor(TopologyGraph const& graph, std::vector<int> const& edges,
                                     QLineF const& line,
                                     std::function<QPointF(int)> const& positionOf) {
    host::lab::Cut cut;
    for (int const index : edges) {
        TopologyEdge const& edge = graph.edges[static_cast<std::size_t>(index)];
        host::lab::Cut const one = cutFor(graph, edge);
        QPointF const at = positionOf(edge.from) - line.p1();
        // On which side of the line its first end lies.
        bool const left = line.dx() * at.y() - line.dy() * at.x() > 0;
        addOnce(left ? cut.a : cut.b, one.a.front());
        addOnce(left ? cut.b : cut.a, one.b.front());
    }
    bool const both = std::ranges::any_of(
        cut.a, [&](auto const& place) { return std::ranges::find(cut.b, place) != cut.b.end(); });
    if (cut.a.empty() || cut.b.empty() || both) {
        return std::nullopt;
    }
    return cut;
}

}  // namespace signalbox::gui
