#pragma once

#include "engine/base/result.h"
#include "engine/monitor/monitor_source.h"

#include <string_view>
#include <vector>

namespace signalbox::monitor {

/// What a list of connections is ordered by.
enum class ConnectionSort {
    Cid,
    Start,
    Subscriptions,
    Pending,
    MessagesTo,
    MessagesFrom,
    BytesTo,
    BytesFrom,
    Last,
    Idle,
    Uptime,
    Stop,
    Reason,
    Rtt,
};

/// Empty is by cid. Errors: InvalidArgument.
Result<ConnectionSort> parse_connection_sort(std::string_view name);

/// The connections from `begin` to `end` of the sorted list, in their order, taken out of the list.
/// Smallest first by cid, start, uptime and reason, largest first by the rest; equal ones by cid.
std::vector<ConnectionFacts> take_page(std::vector<ConnectionFacts>&& connections,
                                       ConnectionSort sort, std::size_t begin, std::size_t end,
                                       WallTime now);

}  // namespace signalbox::monitor
