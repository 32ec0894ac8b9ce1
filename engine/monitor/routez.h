#pragma once

#include "engine/base/json_writer.h"
#include "engine/monitor/connz.h"
#include "engine/monitor/document.h"
#include "engine/monitor/monitor_source.h"
#include "engine/monitor/query.h"
#include "engine/monitor/request_fields.h"

namespace signalbox::monitor {

/// What `subs` in a query asks for. Errors: InvalidArgument, with the text that clients know.
Result<ShowSubscriptions> read_show_subscriptions(Query const& query);
ShowSubscriptions read_show_subscriptions(RequestFields& fields);

/// The connections to the other servers of the cluster.
Answer routez(MonitorSource const& source, ShowSubscriptions show, WallTime now,
              Layout layout = Layout::Indented);

/// `{"allow":[…],"deny":[…]}`, where there are such rules.
void write_rules(JsonWriter& json, std::string_view name,
                 std::optional<permission::SubjectRules> const& rules);

}  // namespace signalbox::monitor
