#pragma once

#include "engine/base/time.h"
#include "engine/config/tls_options.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::config {

enum class ResolverKind {
    None,
    Memory,
    Url,
    Full,   ///< A directory that holds every account and takes updates.
    Cache,  ///< A directory that holds the accounts used last.
};

/// Where the JWTs of accounts come from.
struct ResolverOptions {
    ResolverKind kind = ResolverKind::None;
    std::string url;
    std::string directory;
    bool allow_delete = false;
    bool hard_delete = false;
    std::int64_t limit = 0;  ///< JWTs kept; 0: no limit of ours.
    Duration ttl{0};         ///< Of a cache; 0: for ever.
    Duration interval{0};    ///< Between comparisons with other servers; 0: the default.
    Duration timeout = base::milliseconds(1'900);
    std::optional<TlsOptions> tls;

    friend bool operator==(ResolverOptions const&, ResolverOptions const&) = default;
};

/// The chain of trust from operators to users, in place of users in the configuration.
struct OperatorOptions {
    std::vector<std::string> operators;  ///< JWTs, out of their files and decorations.
    std::vector<std::string> trusted_keys;
    ResolverOptions resolver;
    std::vector<std::pair<std::string, std::string>> preload;  ///< Account key, JWT.
    std::vector<std::string> pinned_accounts;  ///< Only these may log in; empty: all.
    std::string default_sentinel;              ///< For clients that show no JWT.

    bool enabled() const { return !operators.empty() || !trusted_keys.empty(); }
    friend bool operator==(OperatorOptions const&, OperatorOptions const&) = default;
};

}  // namespace signalbox::config
