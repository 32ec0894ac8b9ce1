#pragma once

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/config/options.h"

namespace signalbox::server {

/// What would keep a server from starting with these options, or from taking them in a reload,
/// though each of them was read: JWTs that do not go together.
///
/// Errors: InvalidArgument, in the reference's words where it has some.
Result<void> check_options(config::Options const& options, WallTime now);

}  // namespace signalbox::server
