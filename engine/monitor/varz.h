#pragma once

#include "engine/monitor/document.h"
#include "engine/monitor/monitor_source.h"

namespace signalbox::monitor {

/// The server itself: identity, limits, totals.
Answer varz(MonitorSource& source, Layout layout = Layout::Indented);

}  // namespace signalbox::monitor
