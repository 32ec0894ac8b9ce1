#pragma once

#include "engine/observe/aggregator.h"
#include "engine/observe/snapshot.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace signalbox::observe {

/// Makes snapshots of all servers that an engine runs. Knows neither threads nor clocks: the
/// observer calls it, on its thread, and tells the time.
class SnapshotMaker {
public:
    /// `forward` gets every event once, in the order of its server.
    explicit SnapshotMaker(std::function<void(EventRow&)> forward) : forward_(std::move(forward)) {}

    void add(std::shared_ptr<Observation> observation, ServerFacts facts);
    /// Of a server not added, nothing happens; likewise below.
    void update(ServerFacts facts);
    /// Its last events are still forwarded.
    void remove(std::uint32_t server);

    void set_query(std::optional<TreeQuery> query);

    Snapshot make(Instant now, WallTime wall);

private:
    Aggregator* find(std::uint32_t server);

    std::function<void(EventRow&)> forward_;
    std::vector<std::unique_ptr<Aggregator>> servers_;
    std::optional<TreeQuery> query_;
    std::uint64_t number_ = 0;
    std::uint64_t events_dropped_ = 0;  ///< Of servers that were removed.
    std::uint64_t log_dropped_ = 0;
};

}  // namespace signalbox::observe
