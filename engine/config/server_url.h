#pragma once

#include "engine/base/result.h"
#include "engine/crypto/secret.h"

#include <string>
#include <string_view>

namespace signalbox::config {

/// Where another server is reached, as `nats-route://user:password@host:port`.
struct ServerUrl {
    std::string scheme;  ///< In lower case; empty when none was written.
    std::string user;
    crypto::Secret password;
    std::string host;
    int port = 0;      ///< 0: none was written; -1, of listeners: any.
    std::string path;  ///< With its slash, or empty.

    /// Errors: InvalidArgument (no host, a port that is none, blanks).
    static Result<ServerUrl> parse(std::string_view text);

    /// `host:port`, in brackets where the host needs them.
    std::string authority() const;
    /// As it was written, the password left out.
    std::string shown() const;

    friend bool operator==(ServerUrl const&, ServerUrl const&) = default;
};

}  // namespace signalbox::config
