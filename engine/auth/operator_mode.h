#pragma once

#include "engine/account/account_directory.h"
#include "engine/auth/time_zones.h"
#include "engine/auth/token_accounts.h"
#include "engine/base/logger.h"
#include "engine/config/options.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/dispatch/internal_client.h"
#include "engine/world/world.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace signalbox::auth {

/// What a server needs to take users by their JWTs: the operators it trusts, the resolver they are
/// found by, and the accounts that were.
class OperatorMode {
public:
    struct Parts {
        World& world;
        Logger& log;
        account::AccountDirectory& accounts;
        dispatch::Dispatcher& dispatcher;
    };
    using OnDone = std::function<void(Result<void>)>;

    /// All outlive it; `listeners` as `TokenAccounts` has them. `options` have passed
    /// `check_operators`. The system account that the operators name is there from now on, so far
    /// without anything said of it.
    OperatorMode(Parts const& parts, config::Options const& options,
                 TokenAccounts::Listeners listeners);
    ~OperatorMode();

    OperatorMode(OperatorMode const&) = delete;
    OperatorMode& operator=(OperatorMode const&) = delete;

    /// Prepares the resolver and finds the system account. Errors: Unavailable (the resolver, or
    /// there is no such account), Io.
    void start(OnDone done);

    /// A reload: other operators, another resolver, other preloaded accounts.
    void use(config::Options const& options);

    TokenAccounts& accounts() { return accounts_; }
    TimeZones& time_zones() { return time_zones_; }
    std::string const& system_account() const { return system_account_; }
    /// Users who were refused because their account is not among those that may log in.
    std::uint64_t& pinned_account_fails() { return pinned_account_fails_; }

    /// Asks the other servers of the system account for an account's JWT. Errors: NotFound (all who
    /// were asked have none), TimedOut.
    void ask_others(std::string const& key, AccountResolver::OnFetched done);

private:
    struct Question {
        std::uint64_t asked = 0;  ///< How many got it; until it is sent, unknown and 0.
        std::uint64_t empty = 0;  ///< So many have none.
        AccountResolver::OnFetched done;
        world::TimerId timer;
    };

    void install(config::Options const& options);
    dispatch::InternalClient& client();
    void answered(dispatch::ReceivedMessage const& message);
    void finish(std::string const& inbox, Result<std::string> const& jwt);

    Parts parts_;
    TimeZones time_zones_;
    TokenAccounts accounts_;
    config::OperatorOptions options_;
    std::string system_account_;
    std::unique_ptr<dispatch::InternalClient> client_;
    std::string inbox_;
    std::map<std::string, Question> questions_;
    std::uint64_t next_question_ = 1;
    std::uint64_t pinned_account_fails_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< For what others complete.
};

}  // namespace signalbox::auth
