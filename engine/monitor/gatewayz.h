#pragma once

#include "engine/base/json_writer.h"
#include "engine/monitor/document.h"
#include "engine/monitor/monitor_source.h"
#include "engine/monitor/query.h"
#include "engine/monitor/request_fields.h"

#include <string>

namespace signalbox::monitor {

struct GatewayzQuery {
    std::string name;       ///< Of the cluster; empty: all.
    bool accounts = false;  ///< With what each account has over there.
    std::string account;    ///< Only that one; empty: all.
};

/// Errors: InvalidArgument, with the text that clients know.
Result<GatewayzQuery> read_gatewayz_query(Query const& query);
GatewayzQuery read_gatewayz_query(RequestFields& fields);

/// The connections with other clusters.
Answer gatewayz(MonitorSource const& source, GatewayzQuery const& query, WallTime now,
                Layout layout = Layout::Indented);

/// The member `gateway` of `/varz`.
void write_gateway(JsonWriter& json, MonitorSource const& source);

}  // namespace signalbox::monitor
