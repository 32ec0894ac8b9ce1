#pragma once

#include "engine/base/result.h"
#include "engine/config/options.h"

namespace signalbox::host {

/// `server::check_options` at this time: for those who ask about a configuration without starting
/// a server. Errors: as there.
Result<void> check_options(config::Options const& options);

}  // namespace signalbox::host
