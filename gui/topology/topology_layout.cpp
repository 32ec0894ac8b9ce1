#include "gui/topology/topology_layout.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace signalbox::gui {

namespace {

/// In pixels at a zoom of one.
constexpr double kRoute = 250;
constexpr double kGateway = 430;
constexpr double kLeaf = 260;
constexpr double kClients = 118;
/// Beyond it nodes do not push each other.
constexpr double kReach = 330;
constexpr double kClusterGap = 420;
constexpr double kCooling = 0.985;
constexpr double kCold = 0.02;
/// A node moves no further in one step.
constexpr double kLongestMove = 24;
/// Positions that are kept of nodes that are gone.
constexpr qsizetype kMostKept = 4'096;

double lengthOf(QPointF vector) {
    return std::hypot(vector.x(), vector.y());
}

/// Of two that stand on one spot, one gives way.
QPointF apart(QPointF from, QPointF to, int i, int j) {
    QPointF const way = to - from;
    if (lengthOf(way) > 0.01) {
        return way;
    }
    double const angle = (i * 7 + j * 3) * 0.7;
    return {std::cos(angle), std::sin(angle)};
}

}  // namespace

void TopologyLayout::setGraph(TopologyGraph const& graph) {
    for (Place const& place : places_) {
        kept_[place.id] = place.at;
    }
    if (kept_.size() > kMostKept) {
        kept_.clear();
    }
    QStringList const clusters = graph.clusters();
    std::vector<Place> places;
    bool changed = graph.nodes.size() != places_.size();
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        TopologyNode const& node = graph.nodes[i];
        Place place;
        place.id = node.id;
        place.small = node.kind == TopologyNode::Kind::Clients;
        auto const group = clusters.indexOf(node.cluster);
        place.group = place.small || group < 0 ? -1 : static_cast<int>(group);
        changed = changed || places_[i].id != node.id;
        places.push_back(std::move(place));
    }
    places_ = std::move(places);
    groups_ = static_cast<int>(clusters.size());
    springs_.clear();
    for (TopologyEdge const& edge : graph.edges) {
        switch (edge.kind) {
            case TopologyEdge::Kind::Route:
                springs_.push_back({edge.from, edge.to, kRoute, 0.05});
                break;
            case TopologyEdge::Kind::Gateway:
                springs_.push_back({edge.from, edge.to, kGateway, 0.004});
                break;
            case TopologyEdge::Kind::Leaf:
                springs_.push_back({edge.from, edge.to, kLeaf, 0.03});
                break;
            case TopologyEdge::Kind::Clients:
                springs_.push_back({edge.from, edge.to, kClients, 0.12});
                break;
        }
    }
    for (std::size_t i = 0; i < places_.size(); ++i) {
        auto const known = kept_.constFind(places_[i].id);
        places_[i].at = known != kept_.cend() ? *known : beginningOf(graph, static_cast<int>(i));
        kept_[places_[i].id] = places_[i].at;
    }
    if (changed) {
        heat_ = std::max(heat_, 0.6);
    }
}

/// Clusters in a row, their servers in a circle; clients around their server.
QPointF TopologyLayout::beginningOf(TopologyGraph const& graph, int node) const {
    auto const index = static_cast<std::size_t>(node);
    double const turn = node * std::numbers::phi * 2 * std::numbers::pi;
    QPointF const aside(std::cos(turn), std::sin(turn));
    if (places_[index].small) {
        for (TopologyEdge const& edge : graph.edges) {
            if (edge.from == node) {
                return places_[static_cast<std::size_t>(edge.to)].at + aside * kClients;
            }
        }
    }
    int const group = places_[index].group;
    if (group < 0) {
        return {aside.x() * 300, 340 + aside.y() * 60};
    }
    int before = 0;
    int size = 0;
    for (std::size_t i = 0; i < places_.size(); ++i) {
        bool const of = places_[i].group == group;
        before += of && i < index ? 1 : 0;
        size += of ? 1 : 0;
    }
    double const angle = -std::numbers::pi / 2 + before * 2 * std::numbers::pi / size;
    double const radius = size == 1 ? 0 : kRoute / 1.7;
    return QPointF((group - (groups_ - 1) / 2.0) * kClusterGap, 0) +
           QPointF(std::cos(angle), std::sin(angle)) * radius;
}

void TopologyLayout::push() {
    for (std::size_t i = 0; i < places_.size(); ++i) {
        for (std::size_t j = i + 1; j < places_.size(); ++j) {
            QPointF const way =
                apart(places_[i].at, places_[j].at, static_cast<int>(i), static_cast<int>(j));
            // Cards are wider than they are high.
            double const far = std::max(1.0, std::hypot(way.x() * 0.75, way.y() * 1.15));
            bool const both_small = places_[i].small && places_[j].small;
            double const reach = both_small ? kReach * 0.45 : kReach;
            if (far > reach) {
                continue;
            }
            double const weight = both_small ? 2'200 : 9'000;
            QPointF const force = way / lengthOf(way) * std::min(30.0, weight / (far * far) * 8);
            places_[i].pull -= force;
            places_[j].pull += force;
        }
    }
}

void TopologyLayout::pullTogether() {
    for (Spring const& spring : springs_) {
        Place& from = places_[static_cast<std::size_t>(spring.from)];
        Place& to = places_[static_cast<std::size_t>(spring.to)];
        QPointF const way = apart(from.at, to.at, spring.from, spring.to);
        double const length = lengthOf(way);
        QPointF const force = way / length * ((length - spring.length) * spring.strength);
        from.pull += force;
        to.pull -= force;
    }
    for (Place& place : places_) {
        place.pull -= place.at * 0.0015;  // Nothing drifts away.
    }
}

/// Clusters keep their distance as wholes.
void TopologyLayout::pushClusters() {
    std::vector<QPointF> centres(static_cast<std::size_t>(groups_));
    std::vector<int> sizes(static_cast<std::size_t>(groups_));
    for (Place const& place : places_) {
        if (place.group >= 0) {
            centres[static_cast<std::size_t>(place.group)] += place.at;
            ++sizes[static_cast<std::size_t>(place.group)];
        }
    }
    std::vector<QPointF> moves(centres.size());
    for (std::size_t i = 0; i < centres.size(); ++i) {
        centres[i] /= std::max(1, sizes[i]);
    }
    for (std::size_t i = 0; i < centres.size(); ++i) {
        for (std::size_t j = i + 1; j < centres.size(); ++j) {
            QPointF const way =
                apart(centres[i], centres[j], static_cast<int>(i), static_cast<int>(j));
            double const lack = kClusterGap + 20 * (sizes[i] + sizes[j]) - lengthOf(way);
            if (lack > 0) {
                QPointF const force = way / lengthOf(way) * lack * 0.06;
                moves[i] -= force;
                moves[j] += force;
            }
        }
    }
    for (Place& place : places_) {
        if (place.group >= 0) {
            auto const group = static_cast<std::size_t>(place.group);
            place.pull += moves[group] + (centres[group] - place.at) * 0.01;
        }
    }
}

bool TopologyLayout::step() {
    if (heat_ < kCold || places_.empty()) {
        return false;
    }
    for (Place& place : places_) {
        place.pull = {};
    }
    push();
    pullTogether();
    pushClusters();
    double most = 0;
    for (Place& place : places_) {
        if (pinned_.contains(place.id)) {
            continue;
        }
        QPointF move = place.pull * heat_;
        double const length = lengthOf(move);
        if (length > kLongestMove) {
            move *= kLongestMove / length;
        }
        place.at += move;
        most = std::max(most, lengthOf(move));
    }
    heat_ = most < 0.05 ? 0 : heat_ * kCooling;
    return heat_ >= kCold;
}

void TopologyLayout::settle(int most) {
    while (most-- > 0 && step()) {
    }
}

void TopologyLayout::move(int node, QPointF at) {
    places_[static_cast<std::size_t>(node)].at = at;
    kept_[places_[static_cast<std::size_t>(node)].id] = at;
}

bool TopologyLayout::isPinned(int node) const {
    return pinned_.contains(places_[static_cast<std::size_t>(node)].id);
}

void TopologyLayout::setPinned(int node, bool pinned) {
    QString const& id = places_[static_cast<std::size_t>(node)].id;
    if (pinned) {
        pinned_.insert(id);
    } else {
        pinned_.remove(id);
        wake();
    }
}

void TopologyLayout::unpinAll() {
    pinned_.clear();
    wake();
}

QVariantMap TopologyLayout::save() const {
    QVariantMap kept;
    for (Place const& place : places_) {
        kept[place.id] = QVariantList{place.at.x(), place.at.y(), pinned_.contains(place.id)};
    }
    return kept;
}

void TopologyLayout::restore(QVariantMap const& kept) {
    for (auto each = kept.cbegin(); each != kept.cend(); ++each) {
        QVariantList const values = each.value().toList();
        if (values.size() != 3 || kept_.size() >= kMostKept) {
            continue;
        }
        kept_[each.key()] = {values[0].toDouble(), values[1].toDouble()};
        if (values[2].toBool()) {
            pinned_.insert(each.key());
        }
    }
}

}  // namespace signalbox::gui
