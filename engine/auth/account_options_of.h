#pragma once

#include "engine/claims/account_claims.h"
#include "engine/config/account_options.h"

namespace signalbox::auth {

/// What a JWT says of an account, in the words of a configuration: from there on both go the same
/// way.
config::AccountOptions account_options_of(claims::AccountClaims const& claims);

}  // namespace signalbox::auth
