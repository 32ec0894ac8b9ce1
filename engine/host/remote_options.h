#pragma once

#include "engine/base/result.h"
#include "engine/client/client_options.h"
#include "engine/crypto/secret.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::host {

/// Who one is to a server. What is empty is not said.
struct RemoteIdentity {
    std::string user;
    crypto::Secret password;
    crypto::Secret token;
    crypto::Secret nkey_seed;
    std::string credentials_file;  ///< With a JWT and a seed; read when attaching.

    bool empty() const {
        return user.empty() && password.empty() && token.empty() && nkey_seed.empty() &&
               credentials_file.empty();
    }
};

/// How a server elsewhere is looked at.
struct RemoteOptions {
    std::string server;  ///< Its URL, or several with commas; empty: monitoring alone.
    RemoteIdentity identity;
    /// A user of the system account, over a connection of its own; none: `identity` may be one.
    std::optional<RemoteIdentity> system_identity;
    std::string monitoring;  ///< The URL of its monitoring listener; empty: none.
    /// A file of the authorities that are trusted with TLS; empty: those of the system.
    std::string authorities_file;
    /// Shown to servers that ask for one; empty: none. Without a file of the key's own it holds
    /// both.
    std::string certificate_file;
    std::string key_file;
    bool may_write = false;  ///< Publish, request, disconnect.
};

/// Where clients connect, as a URL says it.
struct ServerUrls {
    std::vector<client::ServerAddress> servers;
    RemoteIdentity identity;  ///< What stood before the `@`.
    bool tls = false;
};

/// Reads `nats://[user:password@]host[:port]`, `tls://…`, a bare `host[:port]`, or several of them
/// with commas. Errors: InvalidArgument.
Result<ServerUrls> parse_server_urls(std::string const& text);

struct MonitoringUrl {
    std::string host;
    std::uint16_t port = 8222;
    std::string base_path;  ///< Without a slash at its end.
    bool tls = false;
};

/// Reads `http://host[:port][/base]`, or without the scheme. Errors: InvalidArgument.
Result<MonitoringUrl> parse_monitoring_url(std::string const& text);

/// The URL of a document below it; `path` begins with a slash.
std::string url_of(MonitoringUrl const& monitoring, std::string_view path);

}  // namespace signalbox::host
