#include "engine/auth/auth_chain.h"

#include "engine/auth/callout_auth.h"
#include "engine/auth/configured_auth.h"
#include "engine/auth/jwt_auth.h"
#include "engine/auth/operator_mode.h"
#include "engine/auth/proxy_auth.h"

#include <algorithm>
#include <utility>

namespace signalbox::auth {
namespace {

bool same_accounts(config::Options const& a, config::Options const& b) {
    return std::ranges::equal(a.accounts, b.accounts, [](auto const& one, auto const& other) {
        return one.name == other.name && one.users == other.users &&
               one.default_permissions == other.default_permissions && one.limits == other.limits;
    });
}

bool maps_certificates(config::Options const& options) {
    return options.tls && options.tls->verify_and_map;
}

std::unique_ptr<Authenticator> judge_of_users(AuthContext const& context,
                                              config::Options const& options) {
    if (context.operators == nullptr) {
        return std::make_unique<ConfiguredAuth>(context.world, context.log, options);
    }
    return std::make_unique<JwtAuth>(
        JwtAuth::Parts{.world = context.world,
                       .accounts = context.operators->accounts(),
                       .time_zones = context.operators->time_zones(),
                       .pinned_account_fails = context.operators->pinned_account_fails()},
        JwtRules{.pinned_accounts = options.operators.pinned_accounts,
                 .default_sentinel = options.operators.default_sentinel});
}

/// With operators each account says for itself whether a service is asked.
std::unique_ptr<Authenticator> with_service(AuthContext const& context,
                                            config::Options const& options,
                                            std::unique_ptr<Authenticator> inner) {
    bool const asks = options.authorization.callout || context.operators != nullptr;
    if (!asks || context.callouts == nullptr || context.accounts == nullptr) {
        return inner;
    }
    return std::make_unique<CalloutAuth>(CalloutAuth::Parts{.world = context.world,
                                                            .log = context.log,
                                                            .accounts = *context.accounts,
                                                            .service = *context.callouts,
                                                            .operators = context.operators},
                                         options, std::move(inner));
}

/// Short enough for a client that waits to hear its verdict before the time for it is over.
Duration longest_delay(config::Options const& options) {
    return std::min(FailureTable::kLongest, options.authorization.timeout / 4 * 3);
}

}  // namespace

std::unique_ptr<Authenticator> make_authenticator(AuthContext const& context,
                                                  config::Options const& options) {
    std::unique_ptr<Authenticator> last;
    if (options.authentication_required()) {
        last = with_service(context, options, judge_of_users(context, options));
    } else {
        last = std::make_unique<OpenAuth>();
    }
    if (!options.trusted_proxies.empty()) {
        last = std::make_unique<ProxyAuth>(options.trusted_proxies, std::move(last));
    }
    if (!options.authentication_required() || context.failures == nullptr) {
        return last;
    }
    return std::make_unique<DelayedAuth>(DelayedAuth::Parts{.world = context.world,
                                                            .log = context.log,
                                                            .observation = *context.observation,
                                                            .failures = *context.failures,
                                                            .longest = longest_delay(options)},
                                         std::move(last));
}

bool judge_alike(config::Options const& a, config::Options const& b) {
    return a.authorization == b.authorization && same_accounts(a, b) &&
           a.operators == b.operators && a.trusted_proxies == b.trusted_proxies &&
           a.system_account == b.system_account && maps_certificates(a) == maps_certificates(b);
}

}  // namespace signalbox::auth
