#pragma once

#include "engine/base/result.h"
#include "engine/client/client_options.h"
#include "engine/host/remote_options.h"
#include "engine/world/world.h"

#include <functional>

namespace signalbox::host {

/// The options of a client that is this identity; a credentials file is read for it. `options` has
/// all the rest. Calls `done` once, never from within this call. Errors, of `done`: NotFound, Io,
/// Malformed; none of them holds what was in the file.
void log_in_as(World& world, RemoteIdentity const& identity, client::ClientOptions options,
               std::function<void(Result<client::ClientOptions>)> done);

}  // namespace signalbox::host
