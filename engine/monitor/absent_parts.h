#pragma once

#include "engine/monitor/document.h"
#include "engine/monitor/monitor_source.h"
#include "engine/monitor/query.h"

namespace signalbox::monitor {

/// The documents of parts that this server does not have: what the reference says of itself when
/// it has none of them either.
Result<void> check_ipqueuesz(Query const& query);

}  // namespace signalbox::monitor
