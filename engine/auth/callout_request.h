#pragma once

#include "engine/auth/authenticator.h"
#include "engine/crypto/curve_box.h"
#include "engine/crypto/key_pair.h"

#include <memory>
#include <string>
#include <vector>

namespace signalbox::auth {

/// How a server names itself to the services it asks.
struct CalloutServer {
    std::shared_ptr<crypto::KeyPair const> key;  ///< Its public half is the server's id.
    std::string name;
    std::string host;
    std::string version;
    std::vector<std::string> tags;
};

/// One question whether someone may come in (ADR-26).
struct CalloutQuestion {
    std::string user_nkey;       ///< Made for this question: the answer has to be about it.
    std::string issuer_account;  ///< Whom the question is for.
    std::string server_xkey;     ///< Empty: the answer comes unsealed.
    WallTime now;
    WallTime expires;
};

/// The signed question. It holds all that the client showed, its password too: where there is
/// somebody beside the service to overhear it, an xkey is to be configured.
std::string encode_question(CalloutServer const& server, CalloutQuestion const& question,
                            Credentials const& credentials);

}  // namespace signalbox::auth
