#pragma once

#include "engine/account/account_directory.h"
#include "engine/auth/account_resolver.h"
#include "engine/auth/operator_trust.h"
#include "engine/base/logger.h"
#include "engine/claims/account_claims.h"
#include "engine/world/world.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::auth {

/// The accounts that JWTs tell of: fetched when somebody needs one, checked, made into accounts of
/// the directory, and changed in place when a newer JWT comes.
class TokenAccounts {
public:
    using ClaimsPtr = std::shared_ptr<claims::AccountClaims const>;
    using OnFound = std::function<void(Result<ClaimsPtr>)>;
    /// Who is told of what happens to accounts.
    struct Listeners {
        /// Its users have to be judged anew: its claims changed, or expired.
        std::function<void(std::string const& account)> changed;
        /// What it shares with others may be another thing: it is new, it changed, or a permission
        /// to import ran out.
        std::function<void()> sharing_changed;
    };

    /// All outlive it.
    TokenAccounts(World& world, Logger& log, account::AccountDirectory& accounts,
                  Listeners listeners);
    ~TokenAccounts();

    TokenAccounts(TokenAccounts const&) = delete;
    TokenAccounts& operator=(TokenAccounts const&) = delete;

    /// Who is believed and asked from now on: at start and at a reload. Accounts that are there
    /// stay until they are asked for anew, but those of issuers who are trusted no more are closed.
    void use(OperatorTrust trust, std::unique_ptr<AccountResolver> resolver);

    OperatorTrust const& trust() const { return trust_; }
    AccountResolver& resolver() { return *resolver_; }

    /// The account, and those it imports from as far as they are found. Answers once, also from
    /// within this call. Errors: those of the resolver; PermissionDenied (its issuer is not
    /// trusted), Malformed (its JWT), InvalidArgument (what it says).
    void find(std::string const& key, OnFound done);

    /// Fetches all that are loaded again: what changed is applied, what is gone is forgotten.
    void refresh();

    /// Null: it was not needed yet.
    ClaimsPtr loaded(std::string_view key) const;
    /// When what is loaded came; unset when nothing is.
    WallTime updated(std::string_view key) const;

    /// Takes a pushed JWT: checks it, has the resolver keep it, and applies it to a loaded account.
    /// False: nobody keeps it. Errors: as `find`.
    void update(std::string const& jwt, std::function<void(Result<bool>)> done);

    /// The calendar jumped: accounts and permissions to import end by it.
    void calendar_changed();

    /// As if its JWT had expired, and it is fetched when it is needed again.
    void forget(std::string const& key);

    /// Whether the token of an import is of the exporter, for this importer and subject, and holds:
    /// as `config::CheckActivation` asks.
    bool is_activated(config::AccountOptions const& exporter, config::ExportOptions const& share,
                      std::string_view importer, config::ImportOptions const& import) const;

    /// How long after a JWT came the account is not fetched again.
    static constexpr Duration kFetchPause = base::seconds(1);

private:
    struct Loaded {
        ClaimsPtr claims;
        Instant fetched_at;
        WallTime came_at;
        world::TimerId expiry;
    };

    bool is_current(Loaded const& loaded) const;
    Result<ClaimsPtr> check(std::string const& key, std::string const& jwt) const;
    void fetched(std::string const& key, Result<std::string> const& jwt);
    void apply(std::string const& key, ClaimsPtr claims);
    void put(claims::AccountClaims const& claims);
    void schedule_expiry(std::string const& key);
    void schedule_activations();
    void load_exporters(std::string const& key, std::function<void()> done);
    void answer(std::string const& key, Result<ClaimsPtr> const& result);

    World& world_;
    Logger& log_;
    account::AccountDirectory& accounts_;
    Listeners listeners_;
    OperatorTrust trust_;
    std::unique_ptr<AccountResolver> resolver_;
    std::map<std::string, Loaded, std::less<>> loaded_;
    /// Who waits for an account that is being fetched.
    std::map<std::string, std::vector<OnFound>> waiting_;
    world::TimerId next_activation_end_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< For what others complete.
};

}  // namespace signalbox::auth
