#include "engine/auth/admission.h"

#include "engine/account/account.h"

#include <utility>

namespace signalbox::auth {

Admission::Admission(Parts parts, config::Options const& options)
    : parts_(std::move(parts)),
      failures_(parts_.context.world.entropy().fork("failures")->next()),
      callouts_({.world = parts_.context.world,
                 .accounts = parts_.accounts,
                 .dispatcher = parts_.dispatcher,
                 .server = parts_.server}),
      time_zones_(parts_.context.world.disk()) {
    if (options.operators.enabled()) {
        operators_ =
            std::make_unique<OperatorMode>(OperatorMode::Parts{.world = parts_.context.world,
                                                               .log = parts_.context.log,
                                                               .accounts = parts_.accounts,
                                                               .dispatcher = parts_.dispatcher},
                                           options, parts_.listeners);
    }
    parts_.context.accounts = &parts_.accounts;
    parts_.context.failures = &failures_;
    parts_.context.callouts = &callouts_;
    parts_.context.time_zones = &time_zones_;
    parts_.context.operators = operators_.get();
    authenticator_ = make_authenticator(parts_.context, options);
}

namespace {

/// The users of `leafnodes`, as if they were those of a server.
config::Options users_of_leaf_nodes(config::Options const& options) {
    config::LeafAuthorization const& named = options.leaf.authorization;
    config::Options theirs;
    theirs.tls = options.leaf.tls;
    theirs.trusted_proxies = options.trusted_proxies;
    theirs.authorization.timeout = named.timeout;
    // No account of theirs is one that others need not be named beside.
    theirs.no_system_account = true;
    theirs.system_account.assign(1, '-');
    auto const add = [&](config::User user, std::string const& account) {
        if (account.empty() || account == account::kGlobalAccount) {
            theirs.authorization.users.push_back(std::move(user));
        } else {
            theirs.accounts.push_back({.name = account, .users = {std::move(user)}});
        }
    };
    if (!named.user.empty() || !named.nkey.empty()) {
        add({.name = named.nkey.empty() ? named.user : std::string(),
             .password = named.password,
             .nkey = named.nkey,
             .proxy_required = named.proxy_required},
            named.account);
    }
    for (config::LeafUser const& user : named.users) {
        add({.name = user.name,
             .password = user.password,
             .proxy_required = user.proxy_required || named.proxy_required},
            user.account);
    }
    return theirs;
}

}  // namespace

std::unique_ptr<Authenticator> Admission::for_leaf_nodes(config::Options const& options) const {
    if (options.leaf.authorization.empty()) {
        config::Options theirs = options;
        theirs.tls = options.leaf.tls;
        return make_authenticator(parts_.context, theirs);
    }
    AuthContext context = parts_.context;
    context.operators = nullptr;
    context.callouts = nullptr;
    return make_authenticator(context, users_of_leaf_nodes(options));
}

void Admission::start(OnDone done) {
    if (operators_ == nullptr) {
        done({});
        return;
    }
    operators_->start(std::move(done));
}

void Admission::use(config::Options const& options) {
    // Operators cannot come or go while a server runs.
    if (operators_ != nullptr) {
        operators_->use(options);
    }
    authenticator_ = make_authenticator(parts_.context, options);
}

}  // namespace signalbox::auth
