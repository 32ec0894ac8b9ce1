#pragma once

#include "engine/base/result.h"
#include "engine/host/lab/plan.h"

#include <string>

namespace signalbox::host::lab {

/// Writes a file for each server of the plan, and a README that says how they are run, into a
/// folder that is made when it is not there. Waits for the disk. Errors: Io.
Result<void> write_configurations(Plan const& plan, std::string const& folder);

}  // namespace signalbox::host::lab
