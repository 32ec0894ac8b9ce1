#pragma once

#include "engine/base/time.h"
#include "engine/claims/account_claims.h"
#include "engine/claims/user_claims.h"

#include <string>
#include <vector>

namespace signalbox::claims {

/// Something wrong with claims that hold together, as monitoring shows it.
struct Issue {
    std::string description;
    bool blocking = false;    ///< The claims are not to be used.
    bool time_check = false;  ///< Because of when it is.

    friend bool operator==(Issue const&, Issue const&) = default;
};

/// What is wrong with an account: subjects, keys, limits on what it shares, times. Empty: nothing.
std::vector<Issue> validate(AccountClaims const& claims, WallTime now);

/// What is wrong with a user: subjects of permissions, networks, times of day, but not the times of
/// the token.
std::vector<Issue> validate(UserRights const& rights);

/// The first that blocks, or null.
Issue const* first_blocking(std::vector<Issue> const& issues);

}  // namespace signalbox::claims
