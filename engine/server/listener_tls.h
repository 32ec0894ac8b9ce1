#pragma once

#include "engine/config/options.h"
#include "engine/server/ocsp_peer_check.h"
#include "engine/server/ocsp_stapler.h"
#include "engine/tls/context.h"
#include "engine/world/world.h"

#include <memory>

namespace signalbox::server {

/// The certificates that a server listens with.
class ListenerTls {
public:
    struct Contexts {
        tls::ContextPtr clients;     ///< Null without TLS.
        tls::ContextPtr monitoring;  ///< With the same certificate, asking for none; null likewise.
    };

    /// What these options ask for. Errors: InvalidArgument (a certificate, key or name in them that
    /// is none, HTTPS without a certificate).
    static Result<Contexts> make(config::Options const& options);

    /// `hooks` as those of `OcspStapler`.
    ListenerTls(World& world, Logger& log, OcspStapler::Hooks hooks);

    /// New handshakes take place with these, which were made of `options`.
    void use(Contexts contexts, std::optional<config::TlsOptions> const& options);

    /// Null: certificates of clients need only verify.
    connection::PeerCheck* peer_check() const { return peer_check_.get(); }

    /// See `OcspStapler::start`.
    void staple(std::optional<config::OcspOptions> const& options, OcspStapler::OnDone done) {
        stapler_.start(contexts_.clients, options, std::move(done));
    }

    tls::ContextPtr const& clients() const { return contexts_.clients; }
    /// When the first of the certificates expires; unset without TLS.
    WallTime not_after() const;

    /// The link of a monitoring connection, encrypted where it is to be.
    std::unique_ptr<world::Link> cover(std::unique_ptr<world::Link> link) const;

private:
    World& world_;
    Logger& log_;
    Contexts contexts_;
    tls::Staple staple_;
    OcspStapler stapler_;
    std::unique_ptr<OcspPeerCheck> peer_check_;
};

}  // namespace signalbox::server
