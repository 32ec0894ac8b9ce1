#pragma once

#include "engine/base/result.h"
#include "engine/crypto/secret.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox::protocol {

/// What a client asks for and who it says it is. The defaults are those of a client that sent no
/// CONNECT at all.
struct ConnectOptions {
    bool echo = true;
    bool verbose = true;
    bool pedantic = true;
    bool headers = false;
    bool no_responders = false;
    bool tls_required = false;
    std::int64_t protocol = 0;
    std::string name;
    std::string lang;
    std::string version;
    std::string user;
    crypto::Secret password;
    crypto::Secret token;
    std::string nkey;
    crypto::Secret jwt;
    std::string signature;        ///< `sig`: of the nonce in INFO.
    std::string proxy_signature;  ///< `proxy_sig`: likewise, by the proxy before the client.
    std::string account;
    bool new_account = false;

    /// Lays the fields of a CONNECT's JSON over what stands; absent and null ones leave it.
    /// Errors: Malformed (no JSON object, or a field of another type), and then nothing changed.
    Result<void> merge(std::string_view json);
};

}  // namespace signalbox::protocol
