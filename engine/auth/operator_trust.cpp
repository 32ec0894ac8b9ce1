#include "engine/auth/operator_trust.h"

#include "engine/base/text.h"
#include "engine/claims/account_claims.h"
#include "engine/claims/user_claims.h"

#include <algorithm>

namespace signalbox::auth {
namespace {

Error invalid(std::string text) {
    return {Errc::InvalidArgument, std::move(text)};
}

Result<void> check_versions(OperatorTrust const& trust, std::string_view version) {
    for (claims::OperatorClaims const& op : trust.operators()) {
        Result<bool> const enough = claims::is_new_enough(op, version);
        if (!enough.ok()) {
            return invalid(concat("error parsing operator JWT: ", enough.error().detail()));
        }
        if (!enough.value()) {
            return invalid(concat("operator ", op.token.subject, " expected minor version ",
                                  op.assert_server_version, ", server version ", version));
        }
    }
    return {};
}

Result<void> check_system_account(config::Options const& options, OperatorTrust const& trust) {
    std::string const by_operator = trust.system_account();
    if (!options.system_account.empty() && !by_operator.empty() &&
        options.system_account != by_operator) {
        return invalid("system_account in config and operator JWT must be identical");
    }
    config::ResolverKind const kind = resolver_of(options.operators, trust).kind;
    bool const asks_servers =
        kind == config::ResolverKind::Full || kind == config::ResolverKind::Cache;
    if (asks_servers && options.system_account.empty() && by_operator.empty()) {
        return invalid(
            "using nats based account resolver - the system account needs to be specified in "
            "configuration or the operator jwt");
    }
    // As there, bare keys may do without one, and then nobody can log in.
    if (kind == config::ResolverKind::None && !options.operators.operators.empty()) {
        return invalid("operators require an account resolver to be configured");
    }
    return {};
}

Result<void> check_preload(config::OperatorOptions const& options) {
    for (auto const& [key, jwt] : options.preload) {
        Result<claims::AccountClaims> const account = claims::decode_account(jwt);
        if (!account.ok()) {
            return invalid(concat("invalid account JWT: ", account.error().detail()));
        }
        if (account.value().token.subject != key) {
            return invalid("invalid account JWT: subject does not match jwt content");
        }
    }
    return {};
}

Result<void> check_sentinel(config::OperatorOptions const& options) {
    if (options.default_sentinel.empty()) {
        return {};
    }
    Result<claims::UserClaims> const user = claims::decode_user(options.default_sentinel);
    if (!user.ok()) {
        return invalid(concat("default sentinel JWT not valid: ", user.error().detail()));
    }
    if (!user.value().rights.bearer_token) {
        return invalid("default sentinel must be a bearer token");
    }
    return {};
}

}  // namespace

Result<OperatorTrust> OperatorTrust::create(config::OperatorOptions const& options, WallTime now) {
    OperatorTrust trust;
    for (std::string const& jwt : options.operators) {
        claims::OperatorClaims op = TRY(claims::decode_operator(jwt));
        if (!op.token.valid_at(now)) {
            return Error(Errc::PermissionDenied, "an operator JWT that has expired");
        }
        if (!op.token.is_self_signed() &&
            std::ranges::find(op.signing_keys, op.token.issuer) == op.signing_keys.end()) {
            return Error(Errc::PermissionDenied, "an operator JWT that others signed");
        }
        trust.operators_.push_back(std::move(op));
    }
    trust.keys_ = options.trusted_keys;
    return trust;
}

bool OperatorTrust::trusts(std::string_view issuer) const {
    return std::ranges::find(keys_, issuer) != keys_.end() ||
           std::ranges::any_of(
               operators_, [&](claims::OperatorClaims const& op) { return op.signs_with(issuer); });
}

bool OperatorTrust::is_strict(std::string_view issuer) const {
    return std::ranges::any_of(operators_, [&](claims::OperatorClaims const& op) {
        return op.strict_signing_keys && op.signs_with(issuer);
    });
}

std::string OperatorTrust::system_account() const {
    for (claims::OperatorClaims const& op : operators_) {
        if (!op.system_account.empty()) {
            return op.system_account;
        }
    }
    return {};
}

std::string OperatorTrust::resolver_url() const {
    if (operators_.size() != 1 || operators_.front().account_server_url.empty()) {
        return {};
    }
    std::string url = operators_.front().account_server_url;
    while (url.ends_with('/')) {
        url.pop_back();
    }
    return url + "/accounts/";
}

config::ResolverOptions resolver_of(config::OperatorOptions const& options,
                                    OperatorTrust const& trust) {
    config::ResolverOptions resolver = options.resolver;
    if (resolver.kind == config::ResolverKind::None && !trust.resolver_url().empty()) {
        resolver.kind = config::ResolverKind::Url;
        resolver.url = trust.resolver_url();
    }
    return resolver;
}

Result<void> check_operators(config::Options const& options, std::string_view version,
                             WallTime now) {
    if (!options.operators.enabled()) {
        return {};
    }
    Result<OperatorTrust> const trust = OperatorTrust::create(options.operators, now);
    if (!trust.ok()) {
        return invalid(concat("error parsing operator JWT: ", trust.error().detail()));
    }
    TRY(check_versions(trust.value(), version));
    TRY(check_system_account(options, trust.value()));
    TRY(check_preload(options.operators));
    return check_sentinel(options.operators);
}

}  // namespace signalbox::auth
