#pragma once

#include "engine/base/result.h"
#include "engine/config/options.h"
#include "engine/host/lab/plan.h"

namespace signalbox::host::lab {

/// The options of one server of a plan, read from the text that is also written for people.
/// Errors: InvalidArgument, Malformed (a setting of the scenario is none).
Result<config::Options> planned_options(Plan const& plan, std::size_t server, bool monitored);

}  // namespace signalbox::host::lab
