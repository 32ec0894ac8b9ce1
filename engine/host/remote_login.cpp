#include "engine/host/remote_login.h"

#include "engine/crypto/key_pair.h"

#include <utility>

namespace signalbox::host {

namespace {

using OnReady = std::function<void(Result<client::ClientOptions>)>;

}  // namespace

void log_in_as(World& world, RemoteIdentity const& identity, client::ClientOptions options,
               OnReady done) {
    options.user = identity.user;
    options.password = identity.password;
    options.token = identity.token;
    options.nkey_seed = identity.nkey_seed;
    if (!identity.credentials_file.empty()) {
        world.turn().defer([done = std::move(done)] {
            done(Error(Errc::Unavailable, "credentials files are not read yet"));
        });
        return;
    }
    bool const no_seed = !identity.nkey_seed.empty() &&
                         !crypto::KeyPair::from_seed(identity.nkey_seed.reveal()).ok();
    Result<client::ClientOptions> ready = std::move(options);
    if (no_seed) {
        ready = Error(Errc::Malformed, "what was given as the seed of an nkey is none");
    }
    world.turn().defer([ready = std::move(ready), done = std::move(done)] { done(ready); });
}

}  // namespace signalbox::host
