#pragma once

#include "engine/host/lab/scenario.h"

#include "gui/topology/topology_graph.h"

#include <QLineF>
#include <QPointF>

#include <functional>
#include <optional>

namespace signalbox::gui {

class LabSource;

/// The graph of a lab: what is built, what of it runs, what is cut, and what the servers say.
TopologyGraph labGraph(LabSource& lab, observe::TopologyPtr const& topology,
                       GraphOptions const& options);

/// The cut that a line across these links means: servers of a cluster by themselves, clusters and
/// leaf nodes as wholes, for they would find another way. None: no link between servers is crossed.
std::optional<host::lab::Cut> cutFor(TopologyGraph const& graph, std::vector<int> const& edges,
                                     QLineF const& line,
                                     std::function<QPointF(int)> const& positionOf);

/// The same for one link, from one of its ends to the other.
host::lab::Cut cutFor(TopologyGraph const& graph, TopologyEdge const& edge);

}  // namespace signalbox::gui
