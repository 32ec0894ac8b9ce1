#include "gui/topology/lab_design.h"

#include "engine/base/text.h"
#include "engine/host/lab/plan.h"

#include <algorithm>
#include <array>
#include <utility>

namespace signalbox::gui {

namespace {

using host::lab::ClusterSpec;
using host::lab::LeafSpec;
using host::lab::Scenario;

constexpr std::array kClusterNames = {"north", "south", "east", "west"};

bool isTaken(Scenario const& scenario, std::string const& name) {
    auto const& topology = scenario.topology;
    return std::ranges::find(topology.clusters, name, &ClusterSpec::name) !=
               topology.clusters.end() ||
           std::ranges::find(topology.leafs, name, &LeafSpec::name) != topology.leafs.end();
}

/// Drops what names a place that is not there any more.
Scenario tidied(Scenario scenario) {
    host::lab::Plan const plan(scenario.topology, host::lab::Addressing::Loopback);
    auto& topology = scenario.topology;
    std::erase_if(topology.links, [&](auto const& link) {
        return !plan.expand({link.a, link.b}).ok();
    });
    for (host::lab::LoadSpec& load : scenario.loads) {
        auto const gone = [&](std::string const& place) { return !plan.expand({place}).ok(); };
        std::erase_if(load.from, gone);
        std::erase_if(load.to, gone);
    }
    std::erase_if(scenario.steps, [&](host::lab::Step const& step) {
        Scenario one;
        one.topology = topology;
        one.until = base::hours(24 * 365);
        one.steps = {step};
        return !host::lab::check(one).ok();
    });
    return scenario;
}

}  // namespace

Scenario withCluster(Scenario scenario) {
    std::string name;
    for (char const* const word : kClusterNames) {
        if (name.empty() && !isTaken(scenario, word)) {
            name = word;
        }
    }
    for (int i = 5; name.empty(); ++i) {
        std::string const next = concat("cluster", i);
        name = isTaken(scenario, next) ? std::string() : next;
    }
    scenario.topology.clusters.push_back({name, 1});
    return scenario;
}

Scenario withServer(Scenario scenario, std::string const& cluster) {
    for (ClusterSpec& one : scenario.topology.clusters) {
        one.servers += one.name == cluster ? 1 : 0;
    }
    return scenario;
}

Scenario withoutServer(Scenario scenario, std::string const& cluster) {
    auto& topology = scenario.topology;
    for (ClusterSpec& one : topology.clusters) {
        one.servers -= one.name == cluster && one.servers > 0 ? 1 : 0;
    }
    std::erase_if(topology.clusters, [](ClusterSpec const& one) { return one.servers == 0; });
    auto const gone = [&](std::string const& name) {
        return std::ranges::find(topology.clusters, name, &ClusterSpec::name) ==
               topology.clusters.end();
    };
    std::erase_if(topology.leafs, [&](LeafSpec const& leaf) { return gone(leaf.hub); });
    std::erase_if(topology.super_cluster, gone);
    if (topology.super_cluster.size() < 2) {
        topology.super_cluster.clear();
    }
    return tidied(std::move(scenario));
}

Scenario withLeaf(Scenario scenario, std::string const& cluster) {
    for (char letter = 'a'; letter <= 'z'; ++letter) {
        std::string const name = concat("edge-", letter);
        if (!isTaken(scenario, name)) {
            scenario.topology.leafs.push_back({name, cluster});
            break;
        }
    }
    return scenario;
}

Scenario withoutLeaf(Scenario scenario, std::string const& leaf) {
    std::erase_if(scenario.topology.leafs, [&](LeafSpec const& one) { return one.name == leaf; });
    return tidied(std::move(scenario));
}

Scenario joined(Scenario scenario, std::string const& a, std::string const& b) {
    auto& members = scenario.topology.super_cluster;
    for (std::string const& cluster : {a, b}) {
        if (std::ranges::find(members, cluster) == members.end()) {
            members.push_back(cluster);
        }
    }
    return scenario;
}

Scenario separated(Scenario scenario) {
    scenario.topology.super_cluster.clear();
    return scenario;
}

Scenario withLink(Scenario scenario, host::lab::LinkSpec const& link) {
    auto& links = scenario.topology.links;
    std::erase_if(links, [&](host::lab::LinkSpec const& one) {
        return (one.a == link.a && one.b == link.b) || (one.a == link.b && one.b == link.a);
    });
    if (!link.profile.plain()) {
        links.push_back(link);
    }
    return scenario;
}

}  // namespace signalbox::gui
