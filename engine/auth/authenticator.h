#pragma once

#include "engine/auth/verdict.h"
#include "engine/crypto/secret.h"
#include "engine/permission/connection_type.h"
#include "engine/world/link.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace signalbox::tls {
struct PeerIdentity;
}

namespace signalbox::auth {

/// What a client says of itself that decides nothing, for services that are asked about it.
struct ClientFacts {
    std::uint64_t cid = 0;
    std::string name;
    std::string lang;
    std::string version;
    std::int64_t protocol = 0;
};

/// What a connection shows to say who it is.
struct Credentials {
    std::string user;
    crypto::Secret password;
    crypto::Secret token;
    std::string nkey;             ///< Public.
    std::string signature;        ///< Of `nonce` by the nkey, or by the key of the JWT.
    crypto::Secret jwt;           ///< A bearer's is a secret.
    std::string proxy_signature;  ///< Of `nonce`, by the proxy it came through.
    std::string nonce;            ///< As this connection's INFO had it.
    world::Address remote;
    permission::ConnectionType type = permission::ConnectionType::Standard;
    /// Of the TLS handshake, which may have shown no certificate; null: it came without TLS.
    std::shared_ptr<tls::PeerIdentity const> peer;
    ClientFacts facts;
    std::string proxy_key;  ///< Of the trusted proxy that signed; found out on the way.
    crypto::Secret proof;   ///< As the identity of before has it; empty: it comes anew.
    bool again = false;     ///< It was let in before, and the users changed meanwhile.

    /// It shows nothing by which it could be known.
    bool empty() const {
        return user.empty() && password.empty() && token.empty() && nkey.empty() && jwt.empty();
    }
};

/// Who it says it is, as the log names whoever is not admitted: `User "x"`, `Nkey "U…"`; empty when
/// it says nothing. Nothing of it is a secret.
std::string shown_as(Credentials const& credentials);

using OnVerdict = std::function<void(Verdict)>;

/// One way of finding out who a connection is.
class Authenticator {
public:
    virtual ~Authenticator() = default;

    /// Answers once: from within this call, or later on the engine's thread when a password has to
    /// be hashed or someone else to be asked first.
    virtual void authenticate(Credentials const& credentials, OnVerdict done) = 0;

    /// Whether a client may have a key, and so is sent a nonce to sign.
    virtual bool asks_for_signatures() const { return false; }

    /// Whether one that shows nothing is someone too, and so may begin with any verb.
    virtual bool admits_unnamed(permission::ConnectionType) const { return false; }
};

}  // namespace signalbox::auth
