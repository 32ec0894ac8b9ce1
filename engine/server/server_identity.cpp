#include "engine/server/server_identity.h"

namespace signalbox::server {

ServerIdentity make_identity(world::Entropy& entropy, config::Options const& options) {
    crypto::SeedBytes seed{};
    entropy.fill(seed);
    ServerIdentity identity;
    identity.key = std::make_shared<crypto::KeyPair const>(
        crypto::KeyPair::from_seed_bytes(crypto::NkeyKind::Server, seed));
    identity.id = identity.key->public_key().text();
    identity.name = options.server_name.empty() ? identity.id : options.server_name;
    return identity;
}

}  // namespace signalbox::server
