#pragma once

#include "engine/base/time.h"
#include "engine/config/jetstream_options.h"
#include "engine/config/user_options.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::config {

/// What crosses the wall of an account: messages one way, or requests and their answers.
enum class ShareKind {
    Stream,
    Service,
};

/// How a service answers one request.
enum class ResponseType {
    Singleton,  ///< Once.
    Stream,     ///< With any number of messages.
    Chunked,    ///< With one answer in pieces.
};

/// Where it is told how long a service took, and for how many of the requests.
struct LatencyOptions {
    std::string subject;
    int sampling = 100;  ///< Percent; 0: those whose headers ask for it.

    friend bool operator==(LatencyOptions const&, LatencyOptions const&) = default;
};

/// What an account offers to others.
struct ExportOptions {
    ShareKind kind = ShareKind::Stream;
    std::string name;     ///< Of JWTs; only shown.
    std::string subject;  ///< May hold wildcards.
    /// Who may import it; `accounts_given` and none in it: nobody but by a token.
    std::vector<std::string> accounts;
    bool accounts_given = false;
    bool token_required = false;  ///< Of JWTs: importers show an activation.
    ResponseType response_type = ResponseType::Singleton;
    Duration response_threshold = base::minutes(2);
    std::optional<LatencyOptions> latency;
    int account_token_position = 0;  ///< From 1; 0: none.
    bool advertise = false;
    bool allow_trace = false;
    /// Of JWTs: account key or `*`, and the second up to which its activations are void.
    std::vector<std::pair<std::string, std::int64_t>> revocations;

    friend bool operator==(ExportOptions const&, ExportOptions const&) = default;
};

/// What an account takes from another.
struct ImportOptions {
    ShareKind kind = ShareKind::Stream;
    std::string name;
    std::string account;  ///< Who exports it.
    std::string subject;  ///< As the exporter has it.
    std::string to;       ///< The local subject; empty: the same, after `prefix`.
    std::string prefix;   ///< Of streams.
    bool share = false;   ///< Of services: the exporter learns who asks.
    bool allow_trace = false;
    std::string token;  ///< Of JWTs: the activation.

    friend bool operator==(ImportOptions const&, ImportOptions const&) = default;
};

/// One of the subjects that a mapping leads to.
struct MappingDestination {
    std::string subject;
    int weight = 100;     ///< Percent.
    std::string cluster;  ///< Only on servers of it; empty: on all.

    friend bool operator==(MappingDestination const&, MappingDestination const&) = default;
};

/// A subject that is renamed when a client publishes on it.
struct MappingOptions {
    std::string source;
    std::vector<MappingDestination> destinations;

    friend bool operator==(MappingOptions const&, MappingOptions const&) = default;
};

/// Negative: no limit.
struct AccountLimits {
    std::int64_t max_connections = -1;
    std::int64_t max_leafnodes = -1;
    std::int64_t max_subscriptions = -1;  ///< Of each connection.
    std::int64_t max_payload = -1;

    friend bool operator==(AccountLimits const&, AccountLimits const&) = default;
};

/// Where messages of the account that carry trace headers of the open kind are reported.
struct TraceOptions {
    std::string destination;
    int sampling = 100;  ///< Percent.

    friend bool operator==(TraceOptions const&, TraceOptions const&) = default;
};

/// All there is to say of one account, whether a configuration or a JWT says it.
struct AccountOptions {
    std::string name;  ///< Of accounts from JWTs: their public key.
    std::string nkey;
    std::vector<User> users;
    std::optional<permission::Permissions> default_permissions;
    std::vector<ExportOptions> exports;
    std::vector<ImportOptions> imports;
    std::vector<MappingOptions> mappings;
    AccountLimits limits;
    std::optional<TraceOptions> trace;
    std::optional<AccountJetStream> jetstream;  ///< None: it keeps nothing.

    friend bool operator==(AccountOptions const&, AccountOptions const&) = default;
};

}  // namespace signalbox::config
