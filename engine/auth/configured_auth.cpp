#include "engine/auth/configured_auth.h"

#include "engine/account/account.h"
#include "engine/base/text.h"
#include "engine/crypto/bcrypt.h"
#include "engine/crypto/key_pair.h"

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
      no_auth_user_(options.authorization.no_auth_user) {
    if (options.tls && options.tls->verify_and_map) {
        certificates_.emplace(*users_);
    }
    if (options.admits_anyone_beside_system()) {
        everyone_ =
            KnownUser{.user = {.name = concat("nats-", world.entropy().next() % 100'000'000)},
                      .account = account::kGlobalAccount,
                      .permissions = nullptr};
    }
}

KnownUser const* ConfiguredAuth::unnamed() const {
    if (no_auth_user_.empty()) {
        return everyone_ ? &*everyone_ : nullptr;
    }
    KnownUser const* const by_nkey = users_->by_nkey(no_auth_user_);
    if (by_nkey != nullptr || certificates_) {
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
    if (shows_nkey) {
        done(by_nkey(credentials));
    } else if (!users_->has_names()) {
        by_token(credentials, std::move(done));
    } else if (certificates_) {
        by_certificate(credentials, std::move(done));
    } else {
        by_name(credentials, std::move(done));
    }
}

Verdict ConfiguredAuth::by_nkey(Credentials const& credentials) const {
    KnownUser const* const user = users_->by_nkey(credentials.nkey);
    if (user == nullptr) {
        return refused("no user of that nkey");
    }
    if (std::optional<Verdict> out = kept_out(*user, credentials)) {
        return *std::move(out);
    }
    // Whoever shows nothing is let in as this one: showing its name is no less.
    if (user->user.nkey != no_auth_user_) {
        auto const key = crypto::PublicNkey::parse(user->user.nkey);
        bool const signs =
            key.ok() && !credentials.nonce.empty() &&
            crypto::verify_ed25519_text(key.value(), credentials.nonce, credentials.signature);
        if (!signs) {
            return refused("the nonce was not signed by that nkey");
        }
    }
    return admitted(*user, credentials);
}

void ConfiguredAuth::by_certificate(Credentials const& credentials, OnVerdict done) {
    KnownUser const* const user = credentials.peer == nullptr
                                      ? nullptr
                                      : certificates_->user_of(*credentials.peer, credentials.type);
    if (user == nullptr) {
        done(refused(credentials.peer == nullptr ? "no certificate was shown"
                                                 : "the certificate names no user"));
        return;
    }
    if (!credentials.user.empty()) {
        LOG(*log_, Warning, "User ", base::quoted(credentials.user),
            " found in connect proto, but user required from cert");
    }
    if (user->user.password.empty()) {
        std::optional<Verdict> const out = kept_out(*user, credentials);
        done(out ? *out : admitted(*user, credentials));
        return;
    }
    by_password(credentials, *user, std::move(done));
}

void ConfiguredAuth::by_name(Credentials const& credentials, OnVerdict done) {
    KnownUser const* const user = users_->by_name(credentials.user);
    if (user == nullptr) {
        refuse_slowly(credentials, "no user of that name", std::move(done));
        return;
    }
    by_password(credentials, *user, std::move(done));
}

void ConfiguredAuth::by_password(Credentials const& credentials, KnownUser const& user,
                                 OnVerdict done) {
    crypto::Secret const& password = user.user.password;
    // Only whoever knows the password learns what else is in the way.
    std::optional<Verdict> const out = kept_out(user, credentials);
    Verdict verdict = out ? *out : admitted(user, credentials);
    if (!crypto::is_bcrypt(password.reveal())) {
        if (credentials.password == password) {
            done(std::move(verdict));
        } else {
            refuse_slowly(credentials, "wrong password", std::move(done));
        }
        return;
    }
    verdict.identity.proof = password;
    if (!credentials.proof.empty() && credentials.proof == password) {
        done(std::move(verdict));
        return;
    }
    check_.compare(credentials.password, password,
                   [done = std::move(done), verdict = std::move(verdict)](bool same) {
                       done(same ? verdict : refused("wrong password"));
                   });
}

/// Where passwords are hashes, as late as if one had been compared, so that the time taken does not
/// tell which names exist.
void ConfiguredAuth::refuse_slowly(Credentials const& credentials, std::string why,
                                   OnVerdict done) {
    if (users_->some_hash().empty()) {
        done(refused(std::move(why)));
        return;
    }
    check_.compare(credentials.password, users_->some_hash(),
                   [done = std::move(done), why = std::move(why)](bool) { done(refused(why)); });
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
