#pragma once

#include "engine/monitor/document.h"
#include "engine/monitor/monitor_source.h"
#include "engine/monitor/query.h"

namespace signalbox::monitor {

/// The documents of parts that this server does not have: what the reference says of itself when
/// it has none of them either.
Answer jsz(MonitorSource const& source, WallTime now, Layout layout = Layout::Indented);

/// The queries of those, of `/ipqueuesz` and `/raftz`. Errors: InvalidArgument, with the text that
/// clients know.
Result<void> check_jsz(Query const& query);
Result<void> check_ipqueuesz(Query const& query);

}  // namespace signalbox::monitor
