#pragma once

#include "engine/base/result.h"
#include "engine/config/options.h"

namespace signalbox::config {

/// Whether the options go together, at start and at each reload.
///
/// Errors: InvalidArgument, in the reference's words where it has some.
Result<void> validate(Options const& options);

/// Some password or token stands in the configuration as it is, and not as a hash.
bool has_plaintext_secret(Options const& options);

}  // namespace signalbox::config
