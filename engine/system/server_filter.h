#pragma once

#include "engine/monitor/monitor_source.h"
#include "engine/monitor/request_fields.h"

#include <string>
#include <vector>

namespace signalbox::system {

/// Which servers a request is for; the others stay silent.
struct ServerFilter {
    std::string server_name;
    std::string host;
    std::string cluster;
    std::string domain;
    std::vector<std::string> tags;  ///< All of them.
    bool exact_match = false;       ///< Else a part of name, host and cluster will do.

    static ServerFilter read(monitor::RequestFields& fields);

    bool matches(monitor::MonitorSource const& source) const;
};

}  // namespace signalbox::system
