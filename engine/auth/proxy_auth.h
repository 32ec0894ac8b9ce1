#pragma once

#include "engine/auth/authenticator.h"
#include "engine/crypto/nkey.h"

#include <memory>
#include <string>
#include <vector>

namespace signalbox::auth {

/// Finds out whether a client comes through a proxy that is trusted, before anyone else is asked:
/// the proxy has signed the nonce too. A signature of no trusted proxy is refused.
class ProxyAuth : public Authenticator {
public:
    /// `trusted`: public nkeys; what is none is left out.
    ProxyAuth(std::vector<std::string> const& trusted, std::unique_ptr<Authenticator> next);

    void authenticate(Credentials const& credentials, OnVerdict done) override;
    bool asks_for_signatures() const override { return true; }
    bool admits_unnamed(permission::ConnectionType type) const override {
        return next_->admits_unnamed(type);
    }

private:
    std::vector<crypto::PublicNkey> trusted_;
    std::unique_ptr<Authenticator> next_;
};

}  // namespace signalbox::auth
