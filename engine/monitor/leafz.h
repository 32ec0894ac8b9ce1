#pragma once

#include "engine/base/json_writer.h"
#include "engine/monitor/document.h"
#include "engine/monitor/monitor_source.h"
#include "engine/monitor/query.h"
#include "engine/monitor/request_fields.h"

#include <string>

namespace signalbox::monitor {

struct LeafzQuery {
    bool subscriptions = false;
    std::string account;  ///< Empty: all.
};

/// Errors: InvalidArgument, with the text that clients know.
Result<LeafzQuery> read_leafz_query(Query const& query);
LeafzQuery read_leafz_query(RequestFields& fields);

/// The connections with leaf nodes and hubs.
Answer leafz(MonitorSource const& source, LeafzQuery const& query, WallTime now,
             Layout layout = Layout::Indented);

/// The member `leaf` of `/varz`.
void write_leaf(JsonWriter& json, MonitorSource const& source);

}  // namespace signalbox::monitor
