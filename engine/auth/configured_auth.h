#pragma once

#include "engine/auth/authenticator.h"
#include "engine/auth/secret_check.h"
#include "engine/auth/user_directory.h"
#include "engine/base/logger.h"
#include "engine/config/options.h"
#include "engine/world/world.h"

#include <memory>
#include <string>

namespace signalbox::auth {

/// Whoever the configuration itself names: by nkey, certificate, name and password, or token, in
/// this order. One that shows nothing is `no_auth_user`, where there is one.
class ConfiguredAuth : public Authenticator {
public:
    ConfiguredAuth(World& world, Logger& log, config::Options const& options);

    void authenticate(Credentials const& credentials, OnVerdict done) override;
    bool asks_for_signatures() const override { return users_->has_nkeys(); }
    bool admits_unnamed(permission::ConnectionType type) const override;

private:
    /// Whom one who shows nothing becomes; null: nobody.
    KnownUser const* unnamed() const;
    void by_name(Credentials const& credentials, OnVerdict done);
    void by_token(Credentials const& credentials, OnVerdict done);
    /// Compares the password and admits as `user`, who is allowed to come this way.
    void by_password(Credentials const& credentials, KnownUser const& user, OnVerdict done);

    Logger* log_;
    SecretCheck check_;
    std::shared_ptr<UserDirectory const> users_;
    crypto::Secret token_;
    bool token_needs_proxy_ = false;
    std::string no_auth_user_;
    bool maps_certificates_ = false;
};

/// Nobody has to say who they are.
class OpenAuth : public Authenticator {
public:
    void authenticate(Credentials const& credentials, OnVerdict done) override;
};

}  // namespace signalbox::auth
