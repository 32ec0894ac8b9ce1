#include "engine/server/server_identity.h"

#include "engine/crypto/nkey.h"

#include <array>

namespace signalbox::server {

ServerIdentity make_identity(world::Entropy& entropy, config::Options const& options) {
    std::array<unsigned char, 32> seed{};
    entropy.fill(seed);
    ServerIdentity identity;
    identity.id = crypto::ServerKey::from_seed(seed).public_key();
    identity.name = options.server_name.empty() ? identity.id : options.server_name;
    return identity;
}

}  // namespace signalbox::server
