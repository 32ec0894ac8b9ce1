#include "engine/auth/configured_auth.h"

#include "engine/account/account.h"
#include "engine/base/text.h"
#include "engine/crypto/bcrypt.h"

#include <utility>

namespace signalbox::auth {
namespace {

Verdict refused(std::string detail, Refusal why = Refusal::WrongCredentials) {
    return {.admitted = false, .identity = {}, .refusal = why, .detail = std::move(detail)};
}

Verdict admitted(KnownUser const& user, Credentials const& credentials) {
    bool const by_nkey = !user.user.nkey.empty();
    return {.admitted = true,
            .identity = {.account = user.account,
                         .user = user.user.id(),
                         .label = concat(by_nkey ? "nkey:" : "user:", user.user.id()),
                         .permissions = user.permissions,
                         .proxy_key = credentials.proxy_key}};
}

/// Whether the user may come this way; else why not.
std::optional<Verdict> kept_out(KnownUser const& user, Credentials const& credentials) {
    if (!user.user.connection_types.allows(credentials.type)) {
        return refused(concat("connection type ", permission::text_of(credentials.type),
                              " is not allowed for this user"));
    }
    if (user.user.proxy_required && credentials.proxy_key.empty()) {
        return refused("the user may come through a proxy alone", Refusal::ProxyRequired);
    }
    return std::nullopt;
}

}  // namespace

ConfiguredAuth::ConfiguredAuth(World& world, Logger& log, config::Options const& options)
    : log_(&log),
      check_(world.workers()),
      users_(std::make_shared<UserDirectory const>(options)),
      token_(options.authorization.token),
      token_needs_proxy_(options.authorization.proxy_required),
      no_auth_user_(options.authorization.no_auth_user),
      maps_certificates_(options.tls && options.tls->verify_and_map) {}

KnownUser const* ConfiguredAuth::unnamed() const {
    if (no_auth_user_.empty()) {
        return nullptr;
    }
    KnownUser const* const by_nkey = users_->by_nkey(no_auth_user_);
    if (by_nkey != nullptr || maps_certificates_) {
        return by_nkey;
    }
    return users_->by_name(no_auth_user_);
}

bool ConfiguredAuth::admits_unnamed(permission::ConnectionType type) const {
    KnownUser const* const user = unnamed();
    return user != nullptr && user->user.connection_types.allows(type) &&
           !user->user.proxy_required;
}

void ConfiguredAuth::authenticate(Credentials const& credentials, OnVerdict done) {
    bool const shows_nkey = !credentials.nkey.empty() && users_->has_nkeys();
    bool const shows_nothing = credentials.user.empty() && credentials.password.empty() &&
                               credentials.token.empty() && !shows_nkey;
    KnownUser const* const somebody = shows_nothing ? unnamed() : nullptr;
    if (somebody != nullptr) {
        // Neither password nor signature is asked for: whoever shows nothing was given this name.
        std::optional<Verdict> const out = kept_out(*somebody, credentials);
        done(out ? *out : admitted(*somebody, credentials));
        return;
    }
    if (users_->has_names()) {
        by_name(credentials, std::move(done));
        return;
    }
    by_token(credentials, std::move(done));
}

void ConfiguredAuth::by_name(Credentials const& credentials, OnVerdict done) {
    KnownUser const* const user = users_->by_name(credentials.user);
    if (user == nullptr) {
        if (!users_->has_hashes()) {
            done(refused("no user of that name"));
            return;
        }
        check_.pretend(credentials.password,
                       [done = std::move(done)](bool) { done(refused("no user of that name")); });
        return;
    }
    if (std::optional<Verdict> const out = kept_out(*user, credentials)) {
        done(*out);
        return;
    }
    by_password(credentials, *user, std::move(done));
}

void ConfiguredAuth::by_password(Credentials const& credentials, KnownUser const& user,
                                 OnVerdict done) {
    Verdict in = admitted(user, credentials);
    if (crypto::is_bcrypt(user.user.password.reveal())) {
        in.identity.proof = user.user.password;
    }
    if (!credentials.proof.empty() && credentials.proof == user.user.password) {
        done(std::move(in));
        return;
    }
    check_.compare(credentials.password, user.user.password,
                   [done = std::move(done), in = std::move(in)](bool same) {
                       done(same ? in : refused("wrong password"));
                   });
}

void ConfiguredAuth::by_token(Credentials const& credentials, OnVerdict done) {
    if (token_.empty()) {
        done(refused("nothing that the configuration knows"));
        return;
    }
    if (token_needs_proxy_ && credentials.proxy_key.empty()) {
        done(refused("the token may come through a proxy alone", Refusal::ProxyRequired));
        return;
    }
    Verdict in{.admitted = true,
               .identity = {.account = account::kGlobalAccount,
                            .user = "[REDACTED]",
                            .label = "token",
                            .permissions = nullptr,
                            .proxy_key = credentials.proxy_key}};
    if (crypto::is_bcrypt(token_.reveal())) {
        in.identity.proof = token_;
    }
    if (!credentials.proof.empty() && credentials.proof == token_) {
        done(std::move(in));
        return;
    }
    check_.compare(credentials.token, token_,
                   [done = std::move(done), in = std::move(in)](bool same) {
                       done(same ? in : refused("wrong token"));
                   });
}

void OpenAuth::authenticate(Credentials const& credentials, OnVerdict done) {
    done({.admitted = true,
          .identity = {.account = account::kGlobalAccount,
                       .user = {},
                       .label = {},
                       .permissions = nullptr,
                       .proxy_key = credentials.proxy_key}});
}

}  // namespace signalbox::auth
