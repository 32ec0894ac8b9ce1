#pragma once

#include "engine/monitor/document.h"
#include "engine/monitor/monitor_source.h"
#include "engine/monitor/query.h"

namespace signalbox::monitor {

/// The query of `/ipqueuesz`, which this server answers as one without queues. Errors:
/// InvalidArgument, with the text that clients know.
Result<void> check_ipqueuesz(Query const& query);

}  // namespace signalbox::monitor
