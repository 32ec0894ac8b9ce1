#pragma once

#include "engine/base/json_writer.h"
#include "engine/monitor/document.h"
#include "engine/monitor/monitor_source.h"

#include <string_view>

namespace signalbox::monitor {

/// The names of the accounts or, of the one that is named, all there is to tell. Errors: NotFound.
Result<Answer> accountz(MonitorSource const& source, std::string_view account, WallTime now,
                        Layout layout = Layout::Indented);

/// What there is to tell of one account, as a document of its own. Errors: NotFound.
Result<Answer> account_info(MonitorSource const& source, std::string_view account, WallTime now);

}  // namespace signalbox::monitor
