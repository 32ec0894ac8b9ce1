#include "engine/auth/proxy_auth.h"

#include "engine/crypto/key_pair.h"

#include <algorithm>
#include <utility>

namespace signalbox::auth {

ProxyAuth::ProxyAuth(std::vector<std::string> const& trusted, std::unique_ptr<Authenticator> next)
    : next_(std::move(next)) {
    for (std::string const& text : trusted) {
        auto key = crypto::PublicNkey::parse(text);
        if (key.ok()) {
            trusted_.push_back(std::move(key).value());
        }
    }
}

void ProxyAuth::authenticate(Credentials const& credentials, OnVerdict done) {
    if (credentials.proxy_signature.empty()) {
        next_->authenticate(credentials, std::move(done));
        return;
    }
    auto const signer = std::ranges::find_if(trusted_, [&](crypto::PublicNkey const& key) {
        return crypto::verify_ed25519_text(key, credentials.nonce, credentials.proxy_signature);
    });
    if (signer == trusted_.end()) {
        done({.admitted = false,
              .identity = {},
              .refusal = Refusal::ProxyNotTrusted,
              .detail = "no trusted proxy has signed the nonce"});
        return;
    }
    Credentials through = credentials;
    through.proxy_key = signer->text();
    next_->authenticate(through, std::move(done));
}

}  // namespace signalbox::auth
