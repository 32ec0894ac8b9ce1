#pragma once

#include "engine/base/result.h"
#include "engine/client/client_options.h"
#include "engine/host/remote_options.h"
#include "engine/tls/settings.h"
#include "engine/world/world.h"

#include <functional>
#include <string>

namespace signalbox::host {

/// Whom one trusts with TLS, and what one shows there: the authorities and the certificate whose
/// files the options name. Calls `done` once, never from within this call. Errors, of `done`:
/// NotFound, Io, InvalidArgument (there is none in it, or its key is another's).
void read_trust(World& world, RemoteOptions const& options,
                std::function<void(Result<tls::Settings>)> done);

/// The options of a client that is this identity; a credentials file is read for it. `options` has
/// all the rest. Calls `done` once, never from within this call. Errors, of `done`: NotFound, Io,
/// Malformed; none of them holds what was in the file.
void log_in_as(World& world, RemoteIdentity const& identity, client::ClientOptions options,
               std::function<void(Result<client::ClientOptions>)> done);

}  // namespace signalbox::host
