#pragma once

#include "engine/auth/auth_chain.h"
#include "engine/auth/callout_service.h"
#include "engine/auth/operator_mode.h"
#include "engine/auth/time_zones.h"
#include "engine/config/options.h"

#include <functional>
#include <memory>

namespace signalbox::auth {

/// All that decides who may come into a server, over its reloads.
class Admission {
public:
    struct Parts {
        AuthContext context;  ///< What it is to fill in itself is not there yet.
        account::AccountDirectory& accounts;
        dispatch::Dispatcher& dispatcher;
        CalloutServer server;
        TokenAccounts::Listeners listeners;
    };
    using OnDone = std::function<void(Result<void>)>;

    /// All outlive it; `options` have passed `check_operators`.
    Admission(Parts parts, config::Options const& options);

    /// Lasts until the next `use`. Verdicts that are still being worked on keep what they need.
    Authenticator& authenticator() { return *authenticator_; }

    /// Who judges those that come in as leaf nodes: by the users of `leafnodes`, or as clients
    /// where none are named. It lasts until the next `use`.
    std::unique_ptr<Authenticator> for_leaf_nodes(config::Options const& options) const;

    /// Errors: those of `OperatorMode::start`.
    void start(OnDone done);

    /// A reload.
    void use(config::Options const& options);

    /// Null: users stand in the configuration.
    OperatorMode* operators() const { return operators_.get(); }

private:
    Parts parts_;
    FailureTable failures_;
    CalloutService callouts_;
    TimeZones time_zones_;
    std::unique_ptr<OperatorMode> operators_;
    std::unique_ptr<Authenticator> authenticator_;
};

}  // namespace signalbox::auth
