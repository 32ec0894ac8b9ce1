#pragma once

#include "engine/host/lab/scenario.h"

#include <string>

namespace signalbox::gui {

/// What a hand does to a cluster that is being built. Steps and loads that name what is gone are
/// left out; each answers another scenario, which is still to be checked.

/// A new cluster of one server, under the next free name.
host::lab::Scenario withCluster(host::lab::Scenario scenario);
/// A server more in that cluster, or one less; the last takes the cluster along.
host::lab::Scenario withServer(host::lab::Scenario scenario, std::string const& cluster);
host::lab::Scenario withoutServer(host::lab::Scenario scenario, std::string const& cluster);
/// A leaf node of that cluster, under the next free name; and without the one of that name.
host::lab::Scenario withLeaf(host::lab::Scenario scenario, std::string const& cluster);
host::lab::Scenario withoutLeaf(host::lab::Scenario scenario, std::string const& leaf);
/// Both take part in the super-cluster; and without any.
host::lab::Scenario joined(host::lab::Scenario scenario, std::string const& a,
                           std::string const& b);
host::lab::Scenario separated(host::lab::Scenario scenario);
/// The ways between the two are like that from the beginning.
host::lab::Scenario withLink(host::lab::Scenario scenario, host::lab::LinkSpec const& link);

}  // namespace signalbox::gui
