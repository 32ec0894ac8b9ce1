#pragma once

#include "engine/server/monitored_server.h"

#include <string>
#include <vector>

namespace signalbox::server {

/// Who nearly would have got a message that goes to nobody: whose filter differs in the case of its
/// letters or in one token, who listens in another account, and which services of others are not
/// imported. A sentence each, a few at most; what is more is left out.
std::vector<std::string> near_misses(ServerState const& state, account::Account const& account,
                                     std::string const& subject);

}  // namespace signalbox::server
