#pragma once

#include "engine/base/logger.h"
#include "engine/config/tls_options.h"
#include "engine/tls/ocsp.h"
#include "engine/tls/session.h"
#include "engine/transport/http_exchange.h"
#include "engine/world/world.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::server {

/// Keeps at hand what an OCSP responder says of the server's certificate, to be shown in
/// handshakes, and asks again before it grows old.
class OcspStapler {
public:
    struct Hooks {
        /// To be shown from now on; null: nothing.
        std::function<void(tls::Staple)> changed;
        /// The certificate was revoked, and the settings say that the server ends then.
        std::function<void()> revoked;
    };
    using OnDone = std::function<void(Result<void>)>;

    OcspStapler(World& world, Logger& log, Hooks hooks)
        : world_(world), log_(log), hooks_(std::move(hooks)) {}
    ~OcspStapler();

    OcspStapler(OcspStapler const&) = delete;
    OcspStapler& operator=(OcspStapler const&) = delete;

    /// Begins, or begins anew, for the certificate of `context`, null: for none. `done` is called
    /// once, maybe from within this call, when it is known whether handshakes may take place; not
    /// at all when it begins anew before. Errors, of `done`: NotFound (no responder, no issuer),
    /// Unavailable (the certificate is not good, and the settings ask for a good one), and those
    /// of asking.
    void start(tls::ContextPtr const& context, std::optional<config::OcspOptions> const& options,
               OnDone done);

private:
    struct Certificate {
        tls::OcspSubject subject;
        std::vector<std::string> responders;
        bool must_be_good = false;
    };

    Result<std::optional<Certificate>> examine(tls::Context const& context,
                                               config::OcspOptions const& options);
    void ask(std::size_t responder);
    void answered(std::size_t responder, transport::HttpExchange::Outcome outcome);
    void take(tls::OcspAnswer answer);
    void failed(Error const& error);
    void tell(Result<void> result);
    void ask_again_after(Duration wait);

    World& world_;
    Logger& log_;
    Hooks hooks_;
    OnDone done_;
    std::optional<Certificate> certificate_;
    std::unique_ptr<transport::HttpExchange> exchange_;
    WallTime good_until_;  ///< Of what is shown; unset: for ever, or nothing is shown.
    world::TimerId timer_;
    unsigned attempt_ = 0;  ///< Answers to earlier ones are void.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace signalbox::server
