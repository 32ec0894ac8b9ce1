#pragma once

#include "engine/config/cluster_options.h"
#include "engine/config/tls_options.h"

#include <optional>
#include <string>
#include <vector>

namespace signalbox::config {

/// Someone who may attach a leaf node, and the account it is attached to.
struct LeafUser {
    std::string name;
    crypto::Secret password;
    std::string account;  ///< Empty: `$G`.
    bool proxy_required = false;

    friend bool operator==(LeafUser const&, LeafUser const&) = default;
};

/// The block `leafnodes { authorization }`. With nothing in it leaf nodes show what clients show.
struct LeafAuthorization {
    std::string user;  ///< The only one, when not empty.
    crypto::Secret password;
    std::string nkey;     ///< Public, of the only one, in place of a name.
    std::string account;  ///< Of the only one; empty: `$G`.
    std::vector<LeafUser> users;
    bool proxy_required = false;
    Duration timeout = base::seconds(2);
    bool timeout_given = false;  ///< Else it grows to that of the TLS handshake and a second.

    /// Nobody is named.
    bool empty() const { return user.empty() && nkey.empty() && users.empty(); }
    friend bool operator==(LeafAuthorization const&, LeafAuthorization const&) = default;
};

/// A server that this one attaches itself to.
struct LeafRemoteOptions {
    std::vector<ServerUrl> urls;  ///< All of one cluster; at least one.
    bool no_randomize = false;
    std::string account;      ///< The one of ours; empty: `$G`.
    std::string credentials;  ///< A file, read before each attempt.
    crypto::Secret nkey;      ///< A seed.
    std::optional<TlsOptions> tls;
    bool hub = false;  ///< The other side is the spoke.
    std::vector<std::string> deny_imports;
    std::vector<std::string> deny_exports;
    CompressionOptions compression{.mode = CompressionMode::Auto};
    Duration first_info_timeout = base::seconds(1);
    Duration dial_timeout{0};  ///< 0: that of all remotes.
    bool isolate = false;      ///< Interest of other leaf nodes is not told to it.
    bool request_isolation = false;
    bool ignore_discovered_servers = false;
    bool disabled = false;

    /// `$G` when none was given.
    std::string_view local_account() const {
        return account.empty() ? std::string_view("$G") : std::string_view(account);
    }
    friend bool operator==(LeafRemoteOptions const&, LeafRemoteOptions const&) = default;
};

/// The block `leafnodes { … }`.
struct LeafOptions {
    ListenAddress listen;  ///< Port 0: no leaf node can be attached.
    std::string advertise;
    bool no_advertise = false;
    LeafAuthorization authorization;
    std::optional<TlsOptions> tls;
    std::string min_version;  ///< Of leaf nodes; empty: any.
    CompressionOptions compression{.mode = CompressionMode::Auto};
    bool isolate = false;
    PeerTimes times;
    std::vector<LeafRemoteOptions> remotes;
    Duration reconnect = base::seconds(1);
    Duration dial_timeout = base::seconds(1);

    bool enabled() const { return listen.port != 0 || !remotes.empty(); }
    friend bool operator==(LeafOptions const&, LeafOptions const&) = default;
};

}  // namespace signalbox::config
