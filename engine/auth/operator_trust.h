#pragma once

#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/claims/operator_claims.h"
#include "engine/config/options.h"

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::auth {

/// Whose word counts on which accounts there are: operators by their JWTs, or bare keys.
class OperatorTrust {
public:
    /// Errors: Malformed (an operator's JWT), PermissionDenied (it is not of now, or signed by
    /// someone else).
    static Result<OperatorTrust> create(config::OperatorOptions const& options, WallTime now);

    /// Whether accounts that this key signed are ours.
    bool trusts(std::string_view issuer) const;

    /// Whether accounts of that issuer sign their users by signing keys alone.
    bool is_strict(std::string_view issuer) const;

    /// What the operators say; empty: nothing.
    std::string system_account() const;

    /// Where a lone operator says that account JWTs are, with its `/accounts`; else empty.
    std::string resolver_url() const;

    std::vector<claims::OperatorClaims> const& operators() const { return operators_; }

private:
    std::vector<claims::OperatorClaims> operators_;
    std::vector<std::string> keys_;
};

/// The rules of a configuration that need its JWTs read, at start and at a reload. `version` is the
/// one of the reference that this server stands in for. Errors: InvalidArgument, with the
/// reference's text.
Result<void> check_operators(config::Options const& options, std::string_view version,
                             WallTime now);

/// What the resolver is when none is configured: a lone operator may name one.
config::ResolverOptions resolver_of(config::OperatorOptions const& options,
                                    OperatorTrust const& trust);

}  // namespace signalbox::auth
