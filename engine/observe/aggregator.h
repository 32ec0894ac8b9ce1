#pragma once

#include "engine/observe/connection_list.h"
#include "engine/observe/observation.h"
#include "engine/observe/rate_meter.h"
#include "engine/observe/server_facts.h"
#include "engine/observe/snapshot.h"
#include "engine/observe/subject_tree.h"
#include "engine/observe/top_list.h"
#include "engine/observe/tree_view.h"

#include <functional>
#include <memory>
#include <optional>

namespace signalbox::observe {

/// Turns the counters and events of one server into what a snapshot says of it. Belongs to the
/// observer's thread.
class Aggregator {
public:
    Aggregator(std::shared_ptr<Observation> observation, ServerFacts facts);

    std::uint32_t server() const { return facts_.server; }
    void set_facts(ServerFacts facts) { facts_ = std::move(facts); }

    /// Takes out the events that came and shows each to `visit`.
    void drain_events(std::function<void(EventRow&)> const& visit);

    ServerSnapshot look(Instant now, WallTime wall);

    /// None ends it: what nobody looks at is not added up.
    void set_query(std::optional<TreeQuery> query);
    TreeSnapshot look_at_tree(Instant now, WallTime wall);

    /// Nodes that one look may pass over; a larger tree is looked at every so many times.
    static constexpr std::size_t kNodesPerLook = 200'000;

    Observation const& observation() const { return *observation_; }

private:
    struct Meters {
        RateMeter in_msgs;
        RateMeter in_bytes;
        RateMeter out_msgs;
        RateMeter out_bytes;
    };
    /// What is there once someone has looked at the subjects.
    struct Tree {
        SubjectTree nodes;
        TreeView view;
        Instant updated;
        TreeSnapshot rows;
        std::size_t looks_left_out = 0;
    };

    std::shared_ptr<Observation> observation_;
    ServerFacts facts_;
    Meters meters_;
    ConnectionList connections_;
    TopList busiest_;
    Instant looked_;
    bool started_ = false;
    bool has_query_ = false;
    bool query_is_new_ = false;
    std::unique_ptr<Tree> tree_;
};

}  // namespace signalbox::observe
