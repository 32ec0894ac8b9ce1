#pragma once

#include "engine/monitor/http_stats.h"
#include "engine/monitor/monitor_source.h"
#include "engine/monitor/varz.h"

#include <string>

namespace signalbox::monitor {

constexpr std::string_view kPrometheusType = "text/plain; version=0.0.4; charset=utf-8";

/// The server's figures in the text format of Prometheus, version 0.0.4. Of the server as a whole:
/// how many series there are does not depend on its clients.
std::string prometheus(MonitorSource const& source, HttpStats const& stats,
                       ProcessFacts const& process);

}  // namespace signalbox::monitor
