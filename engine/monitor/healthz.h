#pragma once

#include "engine/monitor/document.h"
#include "engine/monitor/monitor_source.h"
#include "engine/monitor/query.h"

namespace signalbox::monitor {

/// Whether the server can do its work, its streams included; without JetStream there is nothing
/// that options about those could find wrong.
Answer healthz(MonitorSource const& source, Query const& query);

/// The same for a request in a message, which is answered with the status inside the document.
/// Errors: InvalidArgument (an option of another type).
Result<Answer> healthz(MonitorSource const& source, RequestFields& fields);

}  // namespace signalbox::monitor
