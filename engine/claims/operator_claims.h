#pragma once

#include "engine/claims/token.h"

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::claims {

/// Who says which accounts there are.
struct OperatorClaims {
    Token token;
    std::vector<std::string> signing_keys;
    std::string account_server_url;
    std::vector<std::string> service_urls;
    std::string system_account;
    std::string assert_server_version;  ///< `1.2.3`: older servers refuse to start.
    bool strict_signing_keys = false;   ///< Keys of accounts and operators sign nothing themselves.

    /// Whether it signs accounts by that key.
    bool signs_with(std::string_view key) const;
};

/// Errors: as `decode`, and Malformed (a member of another type, a key of another kind).
Result<OperatorClaims> decode_operator(std::string_view text);

/// Whether a server of `version` is as new as the operator asserts. Errors: Malformed (of the
/// asserted version, which has three numbers).
Result<bool> is_new_enough(OperatorClaims const& claims, std::string_view version);

/// Accounts that an operator wants deleted.
struct GenericClaims {
    Token token;
    std::vector<std::string> accounts;
};

/// Errors: as `decode_operator`.
Result<GenericClaims> decode_generic(std::string_view text);

}  // namespace signalbox::claims
