#include "engine/server/listener_tls.h"

#include "engine/base/text.h"
#include "engine/config/tls_settings.h"
#include "engine/transport/tls_link.h"

#include <utility>

namespace signalbox::server {

Result<ListenerTls::Contexts> ListenerTls::make(config::Options const& options) {
    Contexts contexts;
    config::Monitoring const& monitoring = options.monitoring;
    if (monitoring.https && !options.tls) {
        return Error(Errc::InvalidArgument,
                     "Can't start monitoring: TLS cert and key required for HTTPS");
    }
    if (options.tls) {
        tls::Settings settings = config::listening_settings(*options.tls);
        contexts.clients = TRY(tls::Context::create(tls::Role::Server, settings));
        if (monitoring.https) {
            settings.verify = tls::Verify::Nothing;
            settings.pinned.clear();
            contexts.monitoring = TRY(tls::Context::create(tls::Role::Server, settings));
        }
    }
    return contexts;
}

ListenerTls::ListenerTls(World& world, Logger& log, OcspStapler::Hooks hooks)
    : world_(world),
      log_(log),
      stapler_(world, log,
               {.changed =
                    [this, changed = std::move(hooks.changed)](tls::Staple staple) {
                        staple_ = staple;
                        changed(std::move(staple));
                    },
                .revoked = std::move(hooks.revoked)}) {}

void ListenerTls::use(Contexts contexts, std::optional<config::TlsOptions> const& options) {
    contexts_ = std::move(contexts);
    bool const checks = options && options->ocsp_peer && options->ocsp_peer->verify;
    if (!checks) {
        peer_check_.reset();
    } else if (!peer_check_ || !(peer_check_->options() == *options->ocsp_peer)) {
        peer_check_ = std::make_unique<OcspPeerCheck>(world_, log_, *options->ocsp_peer);
    }
}

WallTime ListenerTls::not_after() const {
    return contexts_.clients ? contexts_.clients->not_after() : WallTime();
}

std::unique_ptr<world::Link> ListenerTls::cover(std::unique_ptr<world::Link> link) const {
    if (!contexts_.monitoring) {
        return link;
    }
    return std::make_unique<transport::TlsLink>(
        world_, std::move(link), tls::Session::accept(contexts_.monitoring, staple_));
}

}  // namespace signalbox::server
