#include "engine/observe/snapshot_maker.h"

#include <algorithm>
#include <utility>

namespace signalbox::observe {

void SnapshotMaker::add(std::shared_ptr<Observation> observation, ServerFacts facts) {
    servers_.push_back(std::make_unique<Aggregator>(std::move(observation), std::move(facts)));
    set_query(std::move(query_));
}

void SnapshotMaker::update(ServerFacts facts) {
    if (Aggregator* const server = find(facts.server)) {
        server->set_facts(std::move(facts));
    }
}

void SnapshotMaker::remove(std::uint32_t server) {
    Aggregator* const gone = find(server);
    if (gone == nullptr) {
        return;
    }
    gone->drain_events(forward_);
    events_dropped_ += gone->observation().events_dropped();
    log_dropped_ += gone->observation().log_dropped();
    std::erase_if(servers_, [gone](auto const& one) { return one.get() == gone; });
}

void SnapshotMaker::set_query(std::optional<TreeQuery> query) {
    query_ = std::move(query);
    for (std::unique_ptr<Aggregator> const& server : servers_) {
        bool const asked = query_ && query_->server == server->server();
        server->set_query(asked ? query_ : std::nullopt);
    }
}

Snapshot SnapshotMaker::make(Instant now, WallTime wall) {
    Snapshot snapshot;
    snapshot.number = ++number_;
    snapshot.taken_at = now;
    snapshot.wall_time = wall;
    snapshot.events_dropped = events_dropped_;
    snapshot.log_dropped = log_dropped_;
    for (std::unique_ptr<Aggregator> const& server : servers_) {
        server->drain_events(forward_);
        snapshot.servers.push_back(server->look(now, wall));
        snapshot.events_dropped += server->observation().events_dropped();
        snapshot.log_dropped += server->observation().log_dropped();
        if (query_ && query_->server == server->server()) {
            snapshot.tree = server->look_at_tree(now, wall);
        }
    }
    return snapshot;
}

Aggregator* SnapshotMaker::find(std::uint32_t server) {
    auto const found = std::ranges::find_if(
        servers_, [server](auto const& one) { return one->server() == server; });
    return found == servers_.end() ? nullptr : found->get();
}

}  // namespace signalbox::observe
