#pragma once

#include "engine/claims/token.h"
#include "engine/permission/connection_type.h"
#include "engine/permission/permissions.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::claims {

/// A time of day until which and from which one may be connected, as `HH:MM:SS`.
struct TimeRange {
    std::string start;
    std::string end;

    friend bool operator==(TimeRange const&, TimeRange const&) = default;
};

/// What a user may do and from where. A scoped signing key has a template of it for all its users.
///
/// Numbers that are left out are 0 here, which means none at all, as it does to the field's
/// servers; -1 is no limit.
struct UserRights {
    permission::Permissions permissions;
    std::vector<std::string> sources;  ///< Networks as `address/bits`; empty: from anywhere.
    std::vector<TimeRange> times;      ///< Empty: at any time.
    std::string times_location;        ///< A name of the time zone database; empty: UTC.
    std::int64_t subscriptions = 0;
    std::int64_t data = 0;  ///< Not enforced by anyone.
    std::int64_t payload = 0;
    bool bearer_token = false;
    bool proxy_required = false;
    std::vector<std::string> connection_types;  ///< As written; some may be unknown.

    /// Nothing was said; so it has to be for users of scoped signing keys.
    bool empty() const { return *this == UserRights(); }
    friend bool operator==(UserRights const&, UserRights const&) = default;
};

struct UserClaims {
    Token token;
    UserRights rights;
    std::string issuer_account;  ///< Empty: the issuer is the account itself.

    std::string const& account() const {
        return issuer_account.empty() ? token.issuer : issuer_account;
    }
};

/// Errors: as `decode`, and Malformed (a member of another type, an issuer account that is no
/// account key).
Result<UserClaims> decode_user(std::string_view text);

/// From the object `nats` of user claims, or the template of a scope.
Result<UserRights> read_user_rights(Json const& json, int version);

/// As members of `nats`, or of a template.
std::string members_of(UserRights const& rights);

/// The types among `names` that exist. None: nullopt, for then nobody is meant (an empty list
/// means all).
std::optional<permission::ConnectionTypes> known_types(std::vector<std::string> const& names);

/// `{"allow":[…],"deny":[…]}`, in `pub` and `sub`; with `resp` beside them. Absent ones are empty.
Result<permission::Permissions> read_permissions(Json const& json);

}  // namespace signalbox::claims
