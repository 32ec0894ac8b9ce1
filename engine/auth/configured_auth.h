#pragma once

#include "engine/auth/authenticator.h"
#include "engine/auth/certificate_map.h"
#include "engine/auth/secret_check.h"
#include "engine/auth/user_directory.h"
#include "engine/base/logger.h"
#include "engine/config/options.h"
#include "engine/world/world.h"

#include <memory>
#include <optional>
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
    Verdict by_nkey(Credentials const& credentials) const;
    void by_certificate(Credentials const& credentials, OnVerdict done);
    void by_name(Credentials const& credentials, OnVerdict done);
    void by_token(Credentials const& credentials, OnVerdict done);
    /// Compares the password, and admits as `user` if he is allowed to come this way.
    void by_password(Credentials const& credentials, KnownUser const& user, OnVerdict done);

    void refuse_slowly(Credentials const& credentials, std::string why, OnVerdict done);

    Logger* log_;
    SecretCheck check_;
    std::shared_ptr<UserDirectory const> users_;
    crypto::Secret token_;
    bool token_needs_proxy_ = false;
    std::string no_auth_user_;
    std::optional<KnownUser> everyone_;  ///< Of a configuration that speaks of the system alone.
    std::optional<CertificateMap> certificates_;  ///< When they say who a client is.
};

/// Nobody has to say who they are.
class OpenAuth : public Authenticator {
public:
    void authenticate(Credentials const& credentials, OnVerdict done) override;
};

}  // namespace signalbox::auth
