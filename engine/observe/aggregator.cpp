#include "engine/observe/aggregator.h"

#include <chrono>
#include <utility>

namespace signalbox::observe {

namespace {

double seconds_between(Instant from, Instant to) {
    return std::chrono::duration<double>(to - from).count();
}

std::int64_t milliseconds_of(WallTime time) {
    return time.since_epoch() / base::milliseconds(1);
}

}  // namespace

Aggregator::Aggregator(std::shared_ptr<Observation> observation, ServerFacts facts)
    : observation_(std::move(observation)), facts_(std::move(facts)) {
    ServerCounters const& counters = observation_->counters;
    meters_.in_msgs.start_at(counters.in_msgs.get());
    meters_.in_bytes.start_at(counters.in_bytes.get());
    meters_.out_msgs.start_at(counters.out_msgs.get());
    meters_.out_bytes.start_at(counters.out_bytes.get());
}

void Aggregator::drain_events(std::function<void(EventRow&)> const& visit) {
    EventRing* const events = observation_->events();
    if (events == nullptr) {
        return;
    }
    while (EventRow* const row = events->front()) {
        connections_.note(*row);
        visit(*row);
        // Else it would keep who is gone until the slot is used again.
        row->connection.reset();
        events->pop();
    }
}

ServerSnapshot Aggregator::look(Instant now, WallTime wall) {
    double const seconds = started_ ? seconds_between(looked_, now) : 0;
    looked_ = now;
    started_ = true;
    ServerCounters const& counters = observation_->counters;
    ServerSnapshot snapshot;
    snapshot.server = facts_.server;
    snapshot.name = facts_.name;
    snapshot.id = facts_.id;
    snapshot.host = facts_.host;
    snapshot.port = facts_.port;
    snapshot.monitoring = facts_.monitoring;
    snapshot.ready = facts_.ready;
    snapshot.start = facts_.start;
    snapshot.in_msgs = meters_.in_msgs.look(counters.in_msgs.get(), seconds);
    snapshot.in_bytes = meters_.in_bytes.look(counters.in_bytes.get(), seconds);
    snapshot.out_msgs = meters_.out_msgs.look(counters.out_msgs.get(), seconds);
    snapshot.out_bytes = meters_.out_bytes.look(counters.out_bytes.get(), seconds);
    snapshot.connections = counters.connections.get();
    snapshot.total_connections = counters.total_connections.get();
    snapshot.subscriptions = counters.subscriptions.get();
    snapshot.slow_consumers = counters.slow_consumers.get();
    snapshot.stale_connections = counters.stale_connections.get();
    snapshot.open = connections_.look(observation_->connections, facts_.max_pending, seconds, wall);
    snapshot.closed = connections_.closed();
    snapshot.tap = observation_->tap_counts();
    if (SubjectIds const* const ids = std::as_const(*observation_).subjects()) {
        busiest_.look(*ids, seconds);
        snapshot.busiest = busiest_.rows();
        snapshot.subjects = ids->count() - 1;
        snapshot.subjects_folded = ids->entry(kFolded).msgs.get();
    }
    return snapshot;
}

void Aggregator::set_query(std::optional<TreeQuery> query) {
    bool const was_hidden = !has_query_;
    has_query_ = query.has_value();
    if (!query) {
        return;
    }
    if (!tree_) {
        tree_ = std::make_unique<Tree>();
    }
    if (was_hidden) {
        tree_->looks_left_out = tree_->nodes.size();
    }
    query_is_new_ = true;
    tree_->view.set_query(*std::move(query));
}

TreeSnapshot Aggregator::look_at_tree(Instant now, WallTime wall) {
    SubjectIds const* const ids = std::as_const(*observation_).subjects();
    if (!has_query_ || ids == nullptr) {
        return {};
    }
    Tree& tree = *tree_;
    bool const due = tree.looks_left_out >= tree.nodes.size() / kNodesPerLook;
    if (due) {
        tree.nodes.update(*ids, seconds_between(tree.updated, now));
        tree.updated = now;
        tree.looks_left_out = 0;
    } else {
        ++tree.looks_left_out;
    }
    if (due || query_is_new_) {
        tree.rows = tree.view.rows(tree.nodes, *ids, milliseconds_of(wall));
        query_is_new_ = false;
    }
    return tree.rows;
}

}  // namespace signalbox::observe
