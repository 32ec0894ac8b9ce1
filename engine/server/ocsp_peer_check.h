#pragma once

#include "engine/base/logger.h"
#include "engine/config/tls_options.h"
#include "engine/connection/peer_check.h"
#include "engine/tls/ocsp.h"
#include "engine/transport/http_exchange.h"
#include "engine/world/world.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace signalbox::server {

/// Asks the responders that a client's certificate, and those above it, name. Certificates that
/// name none are good. Remembers answers for as long as they hold.
class OcspPeerCheck : public connection::PeerCheck {
public:
    OcspPeerCheck(World& world, Logger& log, config::OcspPeer options)
        : world_(world), log_(log), options_(options) {}
    /// Gives up what it has not found out.
    ~OcspPeerCheck() override;

    OcspPeerCheck(OcspPeerCheck const&) = delete;
    OcspPeerCheck& operator=(OcspPeerCheck const&) = delete;

    config::OcspPeer const& options() const { return options_; }

    void check(std::shared_ptr<tls::PeerIdentity const> const& peer, OnVerdict done,
               OnInvalidLink invalid) override;

private:
    /// A certificate of the chain that names a responder.
    struct Link {
        std::size_t place = 0;  ///< In the chain; 0: the peer's own.
        std::string name;       ///< SHA-256 of it.
        tls::OcspSubject subject;
        std::vector<std::string> responders;
    };
    /// The questions about one peer, one after the other.
    struct Inquiry {
        std::string subject;
        std::vector<Link> links;
        std::size_t link = 0;
        std::size_t responder = 0;
        OnVerdict done;
        OnInvalidLink invalid;
        std::unique_ptr<transport::HttpExchange> exchange;
    };
    using InquiryPtr = std::shared_ptr<Inquiry>;

    struct Known {
        tls::OcspStatus status = tls::OcspStatus::Unknown;
        WallTime until;
    };

    void go_on(InquiryPtr const& inquiry);
    void ask(InquiryPtr const& inquiry);
    void answered(InquiryPtr const& inquiry, transport::HttpExchange::Outcome const& outcome);
    void unreachable(InquiryPtr const& inquiry, std::string const& why);
    /// Whether that is good enough; else the inquiry ends.
    bool accept(InquiryPtr const& inquiry, tls::OcspStatus status);
    void refuse(InquiryPtr const& inquiry, std::string const& why);
    void finish(InquiryPtr const& inquiry, Result<void> verdict);
    void remember(std::string const& name, tls::OcspAnswer const& answer);

    World& world_;
    Logger& log_;
    config::OcspPeer options_;
    std::map<std::string, Known> known_;
    std::set<InquiryPtr> open_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace signalbox::server
