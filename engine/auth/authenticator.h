#pragma once

#include "engine/auth/verdict.h"
#include "engine/crypto/secret.h"
#include "engine/world/link.h"

#include <functional>
#include <memory>
#include <string>

namespace signalbox::auth {

/// What a connection shows to say who it is.
struct Credentials {
    std::string user;
    crypto::Secret password;
    crypto::Secret token;
    world::Address remote;

    bool empty() const { return user.empty() && password.empty() && token.empty(); }
};

using OnVerdict = std::function<void(Verdict)>;

/// One way of finding out who a connection is.
class Authenticator {
public:
    virtual ~Authenticator() = default;

    /// Answers once: from within this call, or later on the engine's thread when a password has to
    /// be hashed first.
    virtual void authenticate(Credentials const& credentials, OnVerdict done) = 0;
};

}  // namespace signalbox::auth
