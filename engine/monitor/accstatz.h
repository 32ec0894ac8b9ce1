#pragma once

#include "engine/monitor/document.h"
#include "engine/monitor/monitor_source.h"

#include <string>
#include <vector>

namespace signalbox::monitor {

/// Which accounts are told of.
struct AccstatzOptions {
    std::vector<std::string> accounts;  ///< Empty: all.
    bool include_unused = false;        ///< Also those without connections.
};

/// What the connections of each account did.
Answer accstatz(MonitorSource const& source, AccstatzOptions const& options, WallTime now,
                Layout layout = Layout::Indented);

}  // namespace signalbox::monitor
