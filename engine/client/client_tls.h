#pragma once

#include "engine/base/result.h"
#include "engine/tls/settings.h"
#include "engine/world/world.h"

#include <memory>
#include <string>
#include <string_view>

namespace signalbox::client {

/// How a client encrypts.
struct ClientTls {
    /// Its own certificate, whom it trusts. The host that was dialled must be that of the server's
    /// certificate, unless nothing is verified.
    tls::Settings settings = {.verify = tls::Verify::Peer};
    /// As `tls://` asks for: a server that offers none is not spoken to.
    bool required = false;
    /// The handshake comes before INFO.
    bool handshake_first = false;
};

/// Covers `link`, as far as anything was said over it in the plain. Errors: InvalidArgument (the
/// settings).
Result<std::unique_ptr<world::Link>> cover(World& world, std::unique_ptr<world::Link> link,
                                           ClientTls const& tls, std::string const& host);

/// Whether the INFO of a server offers or demands TLS.
struct OfferedTls {
    bool available = false;
    bool required = false;
};
OfferedTls offered_tls(std::string_view info);

}  // namespace signalbox::client
