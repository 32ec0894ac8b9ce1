#pragma once

#include "engine/auth/authenticator.h"
#include "engine/config/options.h"
#include "engine/world/workers.h"

#include <string>
#include <vector>

namespace signalbox::auth {

/// Compares a secret with what the configuration holds, plain or as a bcrypt hash. Hashes are
/// computed by workers, for one takes as long as thousands of messages.
class SecretCheck {
public:
    explicit SecretCheck(world::Workers& workers) : workers_(&workers) {}

    /// Calls `done(true)` when they are the same; false also when too many are being checked
    /// already.
    void compare(crypto::Secret const& given, crypto::Secret const& configured,
                 std::function<void(bool)> done);

private:
    world::Workers* workers_;
};

/// Users by name and password.
class PasswordAuth : public Authenticator {
public:
    PasswordAuth(world::Workers& workers, std::vector<config::User> users)
        : check_(workers), users_(std::move(users)) {}

    void authenticate(Credentials const& credentials, OnVerdict done) override;

private:
    SecretCheck check_;
    std::vector<config::User> users_;
};

/// One token for all.
class TokenAuth : public Authenticator {
public:
    TokenAuth(world::Workers& workers, crypto::Secret token)
        : check_(workers), token_(std::move(token)) {}

    void authenticate(Credentials const& credentials, OnVerdict done) override;

private:
    SecretCheck check_;
    crypto::Secret token_;
};

/// Nobody has to say who they are.
class OpenAuth : public Authenticator {
public:
    void authenticate(Credentials const& credentials, OnVerdict done) override;
};

/// What the configuration asks for. `users` of a name come before the lone user.
std::unique_ptr<Authenticator> make_authenticator(world::Workers& workers,
                                                  config::Authorization const& authorization);

}  // namespace signalbox::auth
