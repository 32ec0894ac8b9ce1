#pragma once

#include "engine/base/json_writer.h"
#include "engine/base/text.h"
#include "engine/claims/token.h"
#include "engine/claims/user_claims.h"
#include "engine/config/options.h"

#include <string>
#include <vector>

namespace signalbox::auth {

/// An operator, an account and a user, and the tokens that make a chain of them; a test changes
/// what it is about before it signs.
struct TokenKit {
    static crypto::KeyPair key(crypto::NkeyKind kind, unsigned char n) {
        crypto::SeedBytes seed{};
        seed[0] = n;
        return crypto::KeyPair::from_seed_bytes(kind, seed);
    }
    static std::string id(crypto::KeyPair const& pair) { return pair.public_key().text(); }

    crypto::KeyPair op = key(crypto::NkeyKind::Operator, 1);
    crypto::KeyPair account = key(crypto::NkeyKind::Account, 2);
    crypto::KeyPair system = key(crypto::NkeyKind::Account, 3);
    crypto::KeyPair signing = key(crypto::NkeyKind::Account, 4);
    crypto::KeyPair user = key(crypto::NkeyKind::User, 5);
    WallTime now = WallTime(base::seconds(1'700'000'000));

    static constexpr char kNoLimits[] =
        R"("limits":{"subs":-1,"data":-1,"payload":-1,"imports":-1,"exports":-1,"wildcards":true,)"
        R"("conn":-1,"leaf":-1)";

    /// `members` of `nats`, such as `"revocations":{…}`.
    std::string account_token(std::string const& members = {}, std::string const& limits = {},
                              std::optional<WallTime> expires = std::nullopt) const {
        return claims::encode(
            {.kind = claims::ClaimKind::Account,
             .subject = id(account),
             .name = "acc",
             .expires = expires,
             .tags = {"tier:gold"},
             .members = concat(kNoLimits, limits, "}", members.empty() ? "" : ",", members)},
            op, now);
    }
    std::string system_token() const {
        return claims::encode({.kind = claims::ClaimKind::Account,
                               .subject = id(system),
                               .name = "SYS",
                               .members = concat(kNoLimits, "}")},
                              op, now);
    }
    std::string operator_token(std::string const& members = {}) const {
        return claims::encode({.kind = claims::ClaimKind::Operator,
                               .subject = id(op),
                               .name = "OP",
                               .members = concat("\"system_account\":\"", id(system), "\"",
                                                 members.empty() ? "" : ",", members)},
                              op, now);
    }

    static claims::UserRights no_limits() {
        claims::UserRights rights;
        rights.subscriptions = -1;
        rights.data = -1;
        rights.payload = -1;
        return rights;
    }
    claims::Draft draft(claims::UserRights const& rights = no_limits()) const {
        return {.kind = claims::ClaimKind::User,
                .subject = id(user),
                .name = "bob",
                .tags = {"team:red"},
                .members = claims::members_of(rights)};
    }
    std::string user_token(claims::UserRights const& rights = no_limits()) const {
        return claims::encode(draft(rights), account, now);
    }
    /// Signed by the signing key, for the account.
    std::string signed_by_key(claims::Draft draft) const {
        append(draft.members, draft.members.empty() ? "" : ",", "\"issuer_account\":\"",
               id(account), "\"");
        return claims::encode(draft, signing, now);
    }

    /// Operators, and both accounts preloaded.
    config::Options options(std::string const& account_jwt,
                            std::string const& op_members = {}) const {
        config::Options options;
        options.operators.operators = {operator_token(op_members)};
        options.operators.resolver.kind = config::ResolverKind::Memory;
        options.operators.preload = {{id(account), account_jwt}, {id(system), system_token()}};
        return options;
    }
};

}  // namespace signalbox::auth
