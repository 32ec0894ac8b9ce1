#pragma once

#include "engine/base/time.h"
#include "engine/crypto/secret.h"
#include "engine/permission/connection_type.h"
#include "engine/permission/permissions.h"

#include <optional>
#include <string>
#include <vector>

namespace signalbox::config {

/// Someone who may connect: by name and password, which may be a bcrypt hash, or by an nkey.
struct User {
    std::string name;
    crypto::Secret password;
    std::string nkey;                                    ///< Public; then there is no name.
    std::optional<permission::Permissions> permissions;  ///< None: those of the account.
    permission::ConnectionTypes connection_types;
    bool proxy_required = false;

    /// What `no_auth_user` and callouts name it by.
    std::string const& id() const { return nkey.empty() ? name : nkey; }
    friend bool operator==(User const&, User const&) = default;
};

/// Who else is asked whether someone may come in (ADR-26).
struct AuthCallout {
    std::string issuer;                   ///< The public account nkey that signs answers.
    std::string account;                  ///< Where the service listens; `$G` by default.
    std::vector<std::string> auth_users;  ///< Who is not asked about: user names or nkeys.
    std::string xkey;                     ///< Public curve key to encrypt for; empty: plain.
    std::vector<std::string> allowed_accounts;

    friend bool operator==(AuthCallout const&, AuthCallout const&) = default;
};

/// The block `authorization`: who may connect to the account `$G`.
struct Authorization {
    std::string user;  ///< The single user, when not empty.
    crypto::Secret password;
    crypto::Secret token;
    std::vector<User> users;
    std::optional<permission::Permissions> default_permissions;
    std::optional<AuthCallout> callout;
    bool proxy_required = false;
    std::string no_auth_user;
    Duration timeout = base::seconds(2);
    bool timeout_given = false;  ///< Else it grows to that of the TLS handshake and a second.

    friend bool operator==(Authorization const&, Authorization const&) = default;
};

}  // namespace signalbox::config
