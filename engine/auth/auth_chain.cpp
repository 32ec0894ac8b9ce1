#include "engine/auth/auth_chain.h"

#include "engine/account/account.h"
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

/// The user or nkey of that id as the configuration has it, and the account he stands in.
struct Configured {
    config::User const* user = nullptr;
    std::string account;

    friend bool operator==(Configured const& a, Configured const& b) {
        bool const same_user =
            a.user == nullptr || b.user == nullptr ? a.user == b.user : *a.user == *b.user;
        return same_user && a.account == b.account;
    }
};

Configured configured(config::Options const& options, std::string_view id) {
    if (id.empty()) {
        return {};
    }
    auto const find = [&](std::vector<config::User> const& users) {
        auto const found =
            std::ranges::find_if(users, [&](config::User const& user) { return user.id() == id; });
        return found == users.end() ? nullptr : &*found;
    };
    if (config::User const* const user = find(options.authorization.users)) {
        return {.user = user, .account = {}};
    }
    for (config::AccountOptions const& account : options.accounts) {
        if (config::User const* const user = find(account.users)) {
            return {.user = user, .account = account.name};
        }
    }
    return {};
}

bool has_account(config::Options const& options, std::string_view name) {
    return name == account::kGlobalAccount ||
           std::ranges::find(options.accounts, name, &config::AccountOptions::name) !=
               options.accounts.end();
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
                                                            .operators = context.operators,
                                                            .time_zones = context.time_zones},
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

bool service_word_stands(config::Options const& before, config::Options const& now,
                         Credentials const& shown, Identity const& who) {
    bool const same_rules = before.authorization.callout && now.authorization.callout &&
                            *before.authorization.callout == *now.authorization.callout &&
                            before.operators == now.operators &&
                            before.trusted_proxies == now.trusted_proxies &&
                            maps_certificates(before) == maps_certificates(now);
    return who.by_callout && same_rules && has_account(now, who.account) &&
           configured(before, shown.user) == configured(now, shown.user) &&
           configured(before, shown.nkey) == configured(now, shown.nkey);
}

}  // namespace signalbox::auth
