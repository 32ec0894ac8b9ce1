#pragma once

#include "tests/cluster/route_stage.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::cluster {

/// Servers that are leaf nodes of each other, in virtual time, and clients of them. The place of a
/// server is its address: 10.0.0.1 is that of the first.
class LeafStage {
public:
    explicit LeafStage(std::size_t servers, RouteStage::Tweak const& tweak = {})
        : stage_(servers, sim::Routes::None, tweak) {}

    static void take_in(config::Options& options, std::size_t place) {
        options.cluster = {};
        options.leaf.listen = {concat("10.0.0.", place + 1), 7422};
    }
    static config::LeafRemoteOptions& attach(config::Options& options, std::size_t to) {
        options.cluster = {};
        config::LeafRemoteOptions remote;
        remote.urls = {{.scheme = "nats-leaf", .host = concat("10.0.0.", to + 1), .port = 7422}};
        options.leaf.remotes.push_back(std::move(remote));
        return options.leaf.remotes.back();
    }

    bool start() { return stage_.cluster().start(); }
    /// Whether so many connections are open at the place within some seconds.
    bool has_leafs(std::size_t place, std::size_t count) {
        return simulation().run_until(
                   [&] {
                       return sim().server(place).ready() && leafs(place).open_count() == count;
                   },
                   base::seconds(60)) &&
               stage_.settle();
    }
    LeafTable const& leafs(std::size_t place) { return *sim().server(place).server().leafs(); }
    LeafConnection const& leaf(std::size_t place) {
        LeafConnection const* found = nullptr;
        leafs(place).for_each([&](LeafConnection const& each) { found = &each; });
        return *found;
    }

    void settle() { stage_.settle(); }
    Ear& ear(std::size_t place) { return stage_.ear(place); }
    sim::Cluster& sim() { return stage_.cluster(); }
    sim::Simulation& simulation() { return stage_.simulation(); }
    std::string log() { return stage_.log(); }

private:
    RouteStage stage_;
};

}  // namespace signalbox::cluster
