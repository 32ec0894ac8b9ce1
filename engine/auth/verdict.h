#pragma once

#include "engine/base/time.h"
#include "engine/crypto/secret.h"
#include "engine/permission/permissions.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::auth {

/// What a JWT adds to who its bearer is, for monitoring and for services that are told who asks.
struct TokenFacts {
    std::string jwt;  ///< Empty for bearer tokens, which are secrets.
    std::string issuer_key;
    std::string name_tag;   ///< Of the account: its name to people.
    std::string user_name;  ///< The user's.
    std::vector<std::string> tags;

    friend bool operator==(TokenFacts const&, TokenFacts const&) = default;
};

/// Who a connection turned out to be.
struct Identity {
    std::string account;  ///< The name of the account it is bound to.
    std::string user;     ///< As monitoring shows it; empty: anonymous. Never a secret.
    std::string label;    ///< As the log shows it: `user:x`, `token`; empty: anonymous.
    /// Null: everything is allowed.
    std::shared_ptr<permission::Permissions const> permissions;
    std::int64_t max_subscriptions = -1;  ///< Of this user; negative: no limit.
    std::int64_t max_payload = -1;        ///< Likewise.
    std::optional<WallTime> expires;      ///< When it has to go.
    std::string proxy_key;                ///< The proxy it came through, when that is trusted.
    TokenFacts token;
    bool by_callout =
        false;  ///< A service said so, which is not asked again when an account changes.
    /// The configured hash that its password was found to fit, so that a reload which changes
    /// nothing of it need not hash again.
    crypto::Secret proof;
};

/// Why someone is not let in; all of them hear the same.
enum class Refusal {
    WrongCredentials,
    ProxyRequired,
    ProxyNotTrusted,
    AccountConnections,  ///< The account has as many as it may.
    TimedOut,            ///< Nobody answered in time whether it may.
    Revoked,             ///< Its JWT is void by now.
    Expired,             ///< So is what it came with.
    AccountExpired,
    SigningKeyGone,  ///< Its JWT is signed by no key of its account.
};

/// Admitted as someone, or not.
struct Verdict {
    bool admitted = false;
    Identity identity;
    Refusal refusal = Refusal::WrongCredentials;
    std::string detail;  ///< For the debug log and events; never a secret.
};

}  // namespace signalbox::auth
