#include "engine/auth/auth_chain.h"

#include "engine/auth/configured_auth.h"

#include <algorithm>

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

}  // namespace

std::unique_ptr<Authenticator> make_authenticator(AuthContext const& context,
                                                  config::Options const& options) {
    if (!options.authentication_required()) {
        return std::make_unique<OpenAuth>();
    }
    return std::make_unique<ConfiguredAuth>(context.world, context.log, options);
}

bool judge_alike(config::Options const& a, config::Options const& b) {
    return a.authorization == b.authorization && same_accounts(a, b) &&
           a.operators == b.operators && a.trusted_proxies == b.trusted_proxies &&
           a.system_account == b.system_account && maps_certificates(a) == maps_certificates(b);
}

}  // namespace signalbox::auth
