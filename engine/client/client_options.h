#pragma once

#include "engine/base/time.h"
#include "engine/client/client_tls.h"
#include "engine/client/reconnect.h"
#include "engine/crypto/secret.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::client {

struct ServerAddress {
    std::string host = "127.0.0.1";
    std::uint16_t port = 4222;
};

struct ClientOptions {
    /// Tried one after the other, from the first.
    std::vector<ServerAddress> servers = {{}};
    std::string name;
    std::string user;
    crypto::Secret password;
    crypto::Secret token;
    crypto::Secret nkey_seed;  ///< Signs the server's nonce.
    crypto::Secret jwt;        ///< Goes with the signature; without one the seed's public key does.
    /// None: in the plain, unless the server demands TLS, which the system's authorities then
    /// vouch for.
    std::optional<ClientTls> tls;
    bool verbose = false;
    bool pedantic = false;
    bool echo = true;
    bool headers = true;
    bool no_responders = true;
    Duration dial_timeout = base::seconds(2);
    Duration ping_interval = base::seconds(30);
    std::uint32_t max_pings_out = 2;
    bool reconnect = true;
    ReconnectOptions backoff;
    /// Bytes that wait to be sent; publishing past it is refused.
    std::size_t max_pending = std::size_t{8} << 20;
};

}  // namespace signalbox::client
