#pragma once

#include "engine/monitor/monitor_source.h"

#include <string>

namespace signalbox::monitor {

constexpr std::string_view kPrometheusType = "text/plain; version=0.0.4; charset=utf-8";

/// The server's figures in the text format of Prometheus, version 0.0.4. Of the server as a whole:
/// how many series there are does not depend on its clients, subjects or accounts.
std::string prometheus(MonitorSource& source);

}  // namespace signalbox::monitor
