#pragma once

#include "engine/auth/authenticator.h"
#include "engine/auth/time_zones.h"
#include "engine/auth/token_accounts.h"
#include "engine/claims/user_claims.h"
#include "engine/world/world.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::auth {

/// What a configuration says beside whom it trusts.
struct JwtRules {
    std::vector<std::string> pinned_accounts;  ///< Only these may log in; empty: all.
    std::string default_sentinel;              ///< The JWT of who shows none; empty: refused.
};

/// Users by their JWT, signed by an account or one of its keys, which an operator signed.
class JwtAuth final : public Authenticator {
public:
    /// What it asks on the way; all outlive it, and its answers.
    struct Parts {
        World& world;
        TokenAccounts& accounts;
        TimeZones& time_zones;
        std::uint64_t& pinned_account_fails;  ///< Counts who was refused for the account's sake.
    };

    JwtAuth(Parts const& parts, JwtRules rules) : parts_(parts), rules_(std::move(rules)) {}

    void authenticate(Credentials const& credentials, OnVerdict done) override;
    bool asks_for_signatures() const override { return true; }

private:
    Parts parts_;
    JwtRules rules_;
};

/// Who a user is by its claims, which hold together, and those of its account; all that does not
/// depend on how it connects was decided with the names of the error. Errors: PermissionDenied (the
/// issuer signs for no such account, or not by this key), InvalidArgument (a template that cannot
/// be expanded).
Result<Identity> identity_of(claims::UserClaims const& user, claims::AccountClaims const& account,
                             OperatorTrust const& trust);

/// The rights of the user: its own, or those of the scope of the key that signed it. As
/// `identity_of`.
Result<claims::UserRights> rights_of(claims::UserClaims const& user,
                                     claims::AccountClaims const& account,
                                     OperatorTrust const& trust);

}  // namespace signalbox::auth
