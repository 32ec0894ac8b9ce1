#pragma once

#include "engine/auth/authenticator.h"
#include "engine/auth/callout_service.h"
#include "engine/auth/operator_mode.h"
#include "engine/auth/user_directory.h"
#include "engine/config/options.h"

#include <memory>
#include <string>

namespace signalbox::auth {

/// Lets a service decide who may come in (ADR-26): in the account that the configuration names, or
/// in those whose JWT names users of the service. Those users themselves, and whom the service is
/// not asked about, are judged by `inner` alone.
class CalloutAuth final : public Authenticator {
public:
    struct Parts {
        World& world;
        Logger& log;
        account::AccountDirectory& accounts;
        CalloutService& service;
        OperatorMode* operators;  ///< Null: users stand in the configuration.
        TimeZones* time_zones;    ///< Null: times of day are those of UTC alone.
    };

    CalloutAuth(Parts const& parts, config::Options const& options,
                std::unique_ptr<Authenticator> inner);

    void authenticate(Credentials const& credentials, OnVerdict done) override;
    bool asks_for_signatures() const override { return inner_->asks_for_signatures(); }
    bool admits_unnamed(permission::ConnectionType type) const override {
        return inner_->admits_unnamed(type);
    }

    /// What it works by; kept by those that wait for an answer.
    struct Rules {
        config::AuthCallout callout;  ///< With operators: not used.
        Duration timeout = base::seconds(2);
        UserDirectory users;
        std::string default_sentinel;
    };

private:
    Parts parts_;
    std::shared_ptr<Rules const> rules_;
    std::unique_ptr<Authenticator> inner_;
};

}  // namespace signalbox::auth
