#pragma once

#include "engine/dispatch/sharing.h"
#include "engine/observe/explanation.h"
#include "engine/server/monitored_server.h"

namespace signalbox::server {

/// What would become of a message: by which mapping, to whom, through which imports, and what
/// permissions and limits say to it. Looks at everything as it is now, and changes nothing.
observe::Explanation explain(observe::ExplainQuestion const& question, ServerState const& state,
                             dispatch::Sharing const& sharing);

}  // namespace signalbox::server
