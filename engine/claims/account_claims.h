#pragma once

#include "engine/base/time.h"
#include "engine/claims/token.h"
#include "engine/claims/user_claims.h"
#include "engine/permission/permissions.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox::claims {

/// Key or `*`, and the second up to which what was issued is void.
using Revocations = std::map<std::string, std::int64_t>;

/// Whether claims about `subject` of that time are void.
bool is_revoked(Revocations const& revocations, std::string_view subject, WallTime issued_at);

/// Which way an export or import goes, as the claims name it.
enum class Direction {
    Stream,
    Service,
};

/// Percent, and where to; 0: as headers ask for it.
struct ServiceLatency {
    std::int64_t sampling = 0;
    std::string results;
};

struct Export {
    std::string name;
    std::string subject;
    Direction direction = Direction::Stream;
    bool token_required = false;
    Revocations revocations;
    std::string response_type;  ///< `Singleton`, `Stream`, `Chunked`, or empty.
    Duration response_threshold{0};
    std::optional<ServiceLatency> latency;
    std::int64_t account_token_position = 0;
    bool advertise = false;
    bool allow_trace = false;
};

struct Import {
    std::string name;
    std::string subject;  ///< As the exporter has it, but beside the `to` of a service.
    std::string account;
    std::string token;
    std::string to;  ///< Of older claims: a prefix of streams, the exporter's subject of services.
    std::string local_subject;  ///< May refer to wildcards as `$1`.
    Direction direction = Direction::Stream;
    bool share = false;
    bool allow_trace = false;
};

/// -1: no limit. What is left out is 0, which is none.
struct AccountLimits {
    std::int64_t subscriptions = 0;
    std::int64_t data = 0;  ///< Not enforced by anyone.
    std::int64_t payload = 0;
    std::int64_t imports = 0;
    std::int64_t exports = 0;
    std::int64_t connections = 0;
    std::int64_t leaf_nodes = 0;
    bool wildcards = false;
    bool disallow_bearer = false;
};

/// A key that signs users in place of the account; with a scope it also says what they may do.
struct SigningKey {
    std::string key;
    std::string role;
    std::optional<UserRights> scope;

    friend bool operator==(SigningKey const&, SigningKey const&) = default;
};

struct WeightedSubject {
    std::string subject;
    std::int64_t weight = 0;
    std::string cluster;
};

struct Mapping {
    std::string source;
    std::vector<WeightedSubject> destinations;
};

/// Who is asked about users of the account (ADR-26).
struct ExternalAuthorization {
    std::vector<std::string> auth_users;
    std::vector<std::string> allowed_accounts;  ///< `*`: any.
    std::string xkey;

    bool enabled() const { return !auth_users.empty(); }
};

struct AccountClaims {
    Token token;
    std::vector<Import> imports;
    std::vector<Export> exports;
    AccountLimits limits;
    std::vector<SigningKey> signing_keys;
    Revocations revocations;
    permission::Permissions default_permissions;
    std::vector<Mapping> mappings;
    ExternalAuthorization authorization;
    std::string trace_destination;
    std::int64_t trace_sampling = 0;

    SigningKey const* signing_key(std::string_view key) const;
};

/// Errors: as `decode`, and Malformed (a member of another type, an unknown choice).
Result<AccountClaims> decode_account(std::string_view text);

/// Permission to import what asks for one.
struct ActivationClaims {
    Token token;
    std::string subject;  ///< What may be imported.
    Direction direction = Direction::Stream;
    std::string issuer_account;

    std::string const& exporter() const {
        return issuer_account.empty() ? token.issuer : issuer_account;
    }
};

/// Errors: as `decode_account`.
Result<ActivationClaims> decode_activation(std::string_view text);

}  // namespace signalbox::claims
