#pragma once

#include "engine/base/time.h"
#include "engine/observe/account_row.h"
#include "engine/observe/event_row.h"
#include "engine/observe/rate.h"
#include "engine/observe/remote_facts.h"
#include "engine/observe/tap_filter.h"
#include "engine/observe/topology.h"
#include "engine/observe/tree_query.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace signalbox::observe {

struct ConnectionRow {
    ConnectionIdentityPtr identity;
    Rate in_msgs;
    Rate in_bytes;
    Rate out_msgs;
    Rate out_bytes;
    std::uint64_t pending_bytes = 0;
    std::uint64_t max_pending = 0;
    std::uint64_t subscriptions = 0;
    std::int64_t last_activity_ms = 0;  ///< Of the wall clock.
    Duration rtt{0};
    bool slow = false;  ///< More than half of what it may leave pending is pending.
};

/// A connection that is gone, with its last figures.
struct ClosedConnectionRow {
    ConnectionIdentityPtr identity;
    WallTime stop;
    std::string reason;
    std::uint64_t in_msgs = 0;
    std::uint64_t in_bytes = 0;
    std::uint64_t out_msgs = 0;
    std::uint64_t out_bytes = 0;
    std::uint64_t subscriptions = 0;
};

/// A subject and its rate, for top lists.
struct BusySubject {
    std::string subject;
    double msgs_per_second = 0;
    double bytes_per_second = 0;
};

struct ServerSnapshot {
    std::uint32_t server = 0;
    std::string name;
    std::string id;
    std::string host;        ///< Where clients connect.
    std::uint16_t port = 0;  ///< 0 until it listens.
    std::string monitoring;  ///< The URL of the monitoring listener; empty: none.
    bool ready = false;
    WallTime start;
    Rate in_msgs;
    Rate in_bytes;
    Rate out_msgs;
    Rate out_bytes;
    std::uint64_t connections = 0;
    std::uint64_t total_connections = 0;
    std::uint64_t subscriptions = 0;
    std::uint64_t slow_consumers = 0;
    std::uint64_t stale_connections = 0;
    std::vector<ConnectionRow> open;
    std::shared_ptr<std::vector<ClosedConnectionRow> const> closed;  ///< Newest last.
    std::vector<BusySubject> busiest;                                ///< Ten at most.
    std::uint64_t subjects = 0;                                      ///< With an id of their own.
    std::uint64_t subjects_folded = 0;  ///< Messages of subjects past the budget of ids.
    TapCounts tap;
    std::shared_ptr<std::vector<AccountRow> const> accounts;  ///< None: not looked at.
    std::shared_ptr<RemoteFacts const> remote;                ///< None: it runs in this process.
};

/// The visible part of the subject tree, for the query in force.
struct TreeSnapshot {
    std::uint32_t server = 0;
    std::vector<TreeRow> rows;
    std::uint64_t matching = 0;  ///< Subjects that the query's filter matches.
};

/// One look at every server an engine runs, made by the observer from their counters: never
/// changed after, and freely read by any thread.
struct Snapshot {
    std::uint64_t number = 0;  ///< Grows by one with each snapshot made.
    Instant taken_at;
    WallTime wall_time;
    std::vector<ServerSnapshot> servers;
    TreeSnapshot tree;
    std::uint64_t events_dropped = 0;
    std::uint64_t log_dropped = 0;
    TopologyPtr topology;   ///< None: nobody asked for it.
    double engine_cpu = 0;  ///< Of the process, in cores.
    std::uint64_t resident_bytes = 0;
};

using SnapshotPtr = std::shared_ptr<Snapshot const>;

}  // namespace signalbox::observe
