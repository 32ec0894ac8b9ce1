#pragma once

#include "engine/base/result.h"
#include "engine/config/options.h"

namespace signalbox::host {

/// Whether the JWTs of a configuration are sound, by this machine's calendar: before a server is
/// started with it, which would refuse it too. Errors: InvalidArgument, with the reference's text.
Result<void> check_tokens(config::Options const& options);

}  // namespace signalbox::host
