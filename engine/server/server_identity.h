#pragma once

#include "engine/config/options.h"
#include "engine/crypto/key_pair.h"
#include "engine/world/entropy.h"

#include <memory>
#include <string>

namespace signalbox::server {

/// Who a server is for as long as it runs.
struct ServerIdentity {
    std::string id;                              ///< Its public nkey.
    std::shared_ptr<crypto::KeyPair const> key;  ///< Signs what it asks of others.
    std::string name;                            ///< As configured, else its id.
};

ServerIdentity make_identity(world::Entropy& entropy, config::Options const& options);

}  // namespace signalbox::server
