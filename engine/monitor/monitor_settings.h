#pragma once

#include "engine/base/time.h"

#include <cstddef>
#include <string>

namespace signalbox::monitor {

/// How the monitoring listener behaves.
struct MonitorSettings {
    std::string base_path = "/";    ///< Before every path.
    bool allow_any_origin = false;  ///< Pages of any origin may read the documents.
    /// Only requests for a local host name or a numeric address are answered, so that no page can
    /// reach the listener by a name of its own that leads to this machine.
    bool local_hosts_only = false;

    std::size_t max_connections = 64;
    Duration idle_timeout = base::seconds(30);     ///< Between requests.
    Duration request_timeout = base::seconds(10);  ///< From the first byte of a request to its end.
    Duration send_timeout = base::seconds(30);     ///< Without the peer taking anything.
};

}  // namespace signalbox::monitor
