#pragma once

#include "engine/event/event_sink.h"
#include "engine/system/account_services.h"
#include "engine/system/answers.h"
#include "engine/system/claims_services.h"
#include "engine/system/elsewhere.h"
#include "engine/system/publisher.h"
#include "engine/system/reports.h"
#include "engine/system/requests.h"

#include <memory>

namespace signalbox::system {

/// The servers' own account: says there what happens to this one, and answers what is asked.
class SystemAccount final : public event::EventSink {
public:
    explicit SystemAccount(SystemParts const& parts);

    /// The server is ready: its services are there from now on.
    void start();

    /// There are accounts, and others are gone.
    void accounts_changed() { account_services_.accounts_changed(); }

    void say(event::Event event) override;

    monitor::SystemFacts facts() const;

private:
    void say_one(event::ClientConnected const& event);
    void say_one(event::ClientDisconnected const& event);
    void say_one(event::ClientRefused const& event);
    void say_one(event::LameDuckBegun const& event);
    void say_one(event::ServerStopping const& event);
    void say_one(event::PeerCertificateRefused const& event);
    void say_one(event::CertificateLinkInvalid const& event);

    template <class OneEvent>
    void publish(std::string subject, OneEvent const& event);
    void publish_server(std::string_view what);
    std::string of_server(std::string_view what) const;

    monitor::MonitorSource& source_;
    Publisher publisher_;
    Reports reports_;
    Answers answers_;
    Requests requests_;
    AccountServices account_services_;
    Elsewhere elsewhere_;
    std::unique_ptr<ClaimsServices> claims_services_;  ///< Null without operators.
    bool stopping_ = false;                            ///< Nothing is said any more.
};

}  // namespace signalbox::system
