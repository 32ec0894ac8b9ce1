#pragma once

#include "engine/jetstream/jetstream.h"
#include "engine/monitor/document.h"
#include "engine/monitor/monitor_source.h"
#include "engine/monitor/query.h"

#include <cstdint>
#include <string>

namespace signalbox::monitor {

/// How much of its streams a server tells.
struct JszOptions {
    std::string account;  ///< This one alone; empty: any.
    bool accounts = false;
    bool streams = false;
    bool consumers = false;
    bool config = false;
    bool raft = false;
    bool only_led_streams = false;
    std::int64_t offset = 0;
    std::int64_t limit = Paging::kDefaultLimit;

    /// Errors: InvalidArgument, with the text that clients know.
    static Result<JszOptions> read(Query const& query);
    static JszOptions read(RequestFields& fields);
};

/// The streams of a server, or that it has none.
Answer jsz(MonitorSource const& source, JszOptions const& options, WallTime now,
           Layout layout = Layout::Indented);

/// The parts of it that `/varz` shows as well.
void write_jetstream_config(JsonWriter& json, jetstream::JetStream const& streams);
void write_jetstream_stats(JsonWriter& json, jetstream::JetStream const& streams);
void write_jetstream_limits(JsonWriter& json, jetstream::JetStream const& streams);

/// What all accounts keep together.
struct JetStreamTotals {
    std::uint64_t streams = 0;
    std::uint64_t consumers = 0;
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    jetstream::ApiCounts api;
};
JetStreamTotals jetstream_totals(jetstream::JetStream const& streams);

}  // namespace signalbox::monitor
