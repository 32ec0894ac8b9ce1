#pragma once

#include "engine/base/time.h"
#include "engine/config/account_options.h"
#include "engine/config/cluster_options.h"
#include "engine/config/gateway_options.h"
#include "engine/config/jetstream_options.h"
#include "engine/config/leaf_options.h"
#include "engine/config/listen_address.h"
#include "engine/config/operator_options.h"
#include "engine/config/tls_options.h"
#include "engine/config/user_options.h"
#include "engine/crypto/secret.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::config {

struct Limits {
    std::int64_t max_connections = 65'536;  ///< Negative: every client is refused.
    std::int64_t max_subscriptions = 0;     ///< For each connection; 0: no limit.
    std::int64_t max_sub_tokens = 0;        ///< 0: no limit.
    std::int64_t max_control_line = 4'096;
    std::int64_t max_payload = 1'048'576;
    std::int64_t max_pending = 67'108'864;
    std::int64_t max_closed_clients = 10'000;
    Duration ping_interval = base::minutes(2);
    std::int64_t ping_max = 2;
    Duration write_deadline = base::seconds(10);
    bool no_fast_producer_stall = false;
    bool close_on_write_timeout = true;  ///< Else a client that stalls is tried again.
    std::int64_t connect_error_reports = 3'600;
    std::int64_t reconnect_error_reports = 1;

    friend bool operator==(Limits const&, Limits const&) = default;
};

struct Logging {
    bool debug = false;
    bool trace = false;
    bool trace_verbose = false;  ///< Traces the system account as well; sets `trace`.
    bool trace_headers = false;  ///< Traces only the header part of payloads; sets `trace`.
    bool logtime = true;
    bool logtime_utc = false;
    std::string log_file;
    std::int64_t log_size_limit = 0;  ///< Bytes; 0: never rotated.
    std::int64_t log_max_num = 0;     ///< Files kept, the current one included; 0: all.
    bool syslog = false;
    std::string remote_syslog;  ///< `udp://…`, `tcp://…` or `unix://…`.
    std::int64_t max_traced_msg_len = 0;

    friend bool operator==(Logging const&, Logging const&) = default;
};

/// The HTTP or HTTPS listener for monitoring; none while both are unset.
struct Monitoring {
    std::optional<ListenAddress> http;
    std::optional<ListenAddress> https;  ///< With the certificate of the client listener.
    std::string http_base_path = "/";

    friend bool operator==(Monitoring const&, Monitoring const&) = default;
};

struct Files {
    std::string config_file;
    std::string config_digest;  ///< `sha256:` and 64 digits; empty without a file.
    std::string pid_file;
    std::string ports_file_dir;
};

struct LameDuck {
    Duration duration = base::minutes(2);
    Duration grace_period = base::seconds(10);

    friend bool operator==(LameDuck const&, LameDuck const&) = default;
};

/// The block `signalbox { … }`: what only this server has.
struct Own {
    /// Listens on all addresses although none was given and anyone may connect, as the reference
    /// does.
    bool open_without_authentication = false;
    /// Included files may lie outside the folder of the configuration, as with the reference.
    bool includes_anywhere = false;
    /// Any page may read the monitoring documents, as with the reference.
    bool monitoring_cors = false;

    friend bool operator==(Own const&, Own const&) = default;
};

/// Where and how clients connect.
struct ClientListener {
    ListenAddress listen{.host = "", .port = 4222};
    std::string client_advertise;  ///< `host` or `host:port` that clients are told instead.
    std::optional<TlsOptions> tls;
    bool allow_non_tls = false;
    std::optional<OcspOptions> ocsp;
    bool proxy_protocol = false;
    bool no_header_support = false;
};

/// All a server is told when it starts or reloads, with the defaults of the reference. What was
/// written where (command line, file) is already settled: the command line wins.
struct Options : ClientListener {
    /// Whether clients have to say who they are.
    bool authentication_required() const;

    /// Only users of the system account are named: ordinary clients need not say who they are.
    bool admits_anyone_beside_system() const;

    /// Whether a client is let in that shows nothing, and nobody wrote so.
    bool stands_open() const { return !authentication_required() || admits_anyone_beside_system(); }

    std::string server_name;
    std::vector<std::string> server_tags;
    std::map<std::string, std::string> server_metadata;
    Limits limits;
    Logging logging;
    Authorization authorization;
    /// Beside `$G`, which is here only for what is said of it: `mappings` at the top of the file.
    std::vector<AccountOptions> accounts;
    OperatorOptions operators;
    std::string system_account;  ///< Empty: `$SYS`.
    bool no_system_account = false;
    std::vector<std::string> trusted_proxies;  ///< Public nkeys.
    std::map<std::string, bool> feature_flags;
    bool disable_sublist_cache = false;
    Monitoring monitoring;
    ClusterOptions cluster;
    LeafOptions leaf;
    GatewayOptions gateway;
    Files files;
    LameDuck lame_duck;
    JetStreamOptions jetstream;
    Own own;
};

}  // namespace signalbox::config
