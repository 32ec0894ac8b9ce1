#include "engine/config/schema_table.h"

#include "engine/config/read_values.h"

#include <type_traits>

namespace signalbox::config {

namespace {

constexpr std::int64_t kMost32 = std::numeric_limits<std::int32_t>::max();
constexpr auto kApplied = ReloadRule::Applied;
constexpr auto kRefused = ReloadRule::Refused;

/// The member that a path of member pointers leads to.
template <auto... Path>
auto const& at(Options const& options) {
    return (options.*....*Path);
}
template <auto... Path>
auto& at(Options& options) {
    return (options.*....*Path);
}

template <auto... Path>
void read_member(Key const& key, Value const& value, Target& target) {
    auto& member = at<Path...>(target.options);
    read_value(key, value, target.problems, member);
    if (key.zero_is_default && member == std::remove_reference_t<decltype(member)>{}) {
        member = at<Path...>(Options{});
    }
}

template <auto... Path>
std::string print_member(Options const& options) {
    return text_of(at<Path...>(options));
}

template <auto... Path>
bool same_member(Options const& a, Options const& b) {
    return at<Path...>(a) == at<Path...>(b);
}

constexpr KeyType type_of(bool const*) {
    return KeyType::Boolean;
}
constexpr KeyType type_of(std::int64_t const*) {
    return KeyType::Integer;
}
constexpr KeyType type_of(int const*) {
    return KeyType::Integer;
}
constexpr KeyType type_of(Duration const*) {
    return KeyType::Duration;
}
constexpr KeyType type_of(std::string const*) {
    return KeyType::String;
}
constexpr KeyType type_of(crypto::Secret const*) {
    return KeyType::Secret;
}
constexpr KeyType type_of(std::vector<std::string> const*) {
    return KeyType::Strings;
}
constexpr KeyType type_of(std::map<std::string, std::string> const*) {
    return KeyType::Texts;
}
constexpr KeyType type_of(std::vector<User> const*) {
    return KeyType::Users;
}

/// What is alike for all keys that are one member of the options.
template <auto... Path>
constexpr Key described(std::string_view names, ReloadRule reload, std::string_view field,
                        std::string_view about) {
    using Member = std::remove_cvref_t<decltype(at<Path...>(std::declval<Options const&>()))>;
    Key key;
    key.names = names;
    key.type = type_of(static_cast<Member const*>(nullptr));
    key.reload = reload;
    key.field = field;
    key.about = about;
    key.print = print_member<Path...>;
    key.same = same_member<Path...>;
    return key;
}

template <auto... Path>
constexpr Key key(std::string_view names, ReloadRule reload, std::string_view field,
                  std::string_view about) {
    Key one = described<Path...>(names, reload, field, about);
    one.read = read_member<Path...>;
    return one;
}

/// A count or a size: never negative, and 0 stands for the default.
template <auto... Path>
constexpr Key amount(std::string_view names, ReloadRule reload, std::string_view field,
                     std::string_view about, std::int64_t highest = kMost32) {
    Key one = key<Path...>(names, reload, field, about);
    one.lowest = 0;
    one.highest = highest;
    one.zero_is_default = true;
    return one;
}

constexpr Key special(Key one, Key::Read read, KeyType type) {
    one.read = read;
    one.type = type;
    return one;
}

constexpr Key special(Key one, Key::Read read) {
    return special(one, read, one.type);
}

constexpr Key block(std::string_view names, std::string_view about, Key::Read read) {
    Key one;
    one.names = names;
    one.type = KeyType::Block;
    one.about = about;
    one.read = read;
    return one;
}

/// A key known to the reference whose part is not built: refused by name, so that nobody believes
/// it has an effect.
constexpr Key absent(std::string_view names, std::string_view part) {
    Key one;
    one.names = names;
    one.part = part;
    return one;
}

std::string print_http_host(Options const& options) {
    auto const& http = options.monitoring.http;
    return http ? http->host : "";
}
std::string print_http_port(Options const& options) {
    auto const& http = options.monitoring.http;
    return text_of(http ? http->port : 0);
}
bool same_http_host(Options const& a, Options const& b) {
    return print_http_host(a) == print_http_host(b);
}
bool same_http_port(Options const& a, Options const& b) {
    return print_http_port(a) == print_http_port(b);
}

constexpr Key http_key(std::string_view names, KeyType type, std::string_view field,
                       std::string_view about) {
    bool const host = type == KeyType::Address;
    Key one;
    one.names = names;
    one.type = type;
    one.reload = kRefused;
    one.field = field;
    one.about = about;
    one.read = host ? read_http : read_http_port;
    one.print = host ? print_http_host : print_http_port;
    one.same = host ? same_http_host : same_http_port;
    return one;
}

/// `listen` says what `host` and `port` say, and is compared as they are.
constexpr Key listen_key() {
    Key one;
    one.names = "listen";
    one.type = KeyType::Address;
    one.reload = kRefused;
    one.about =
        "Where clients connect: a port, or host:port. Port -1 asks for any free one. Without "
        "a host and without authentication only this machine can connect.";
    one.read = read_listen;
    return one;
}

using O = Options;
using L = Limits;
using G = Logging;
using A = Authorization;

constexpr Key kTop[] = {
    listen_key(),
    key<&O::listen, &ListenAddress::host>("host net", kRefused, "Host",
                                          "The host of `listen` alone."),
    special(described<&O::listen, &ListenAddress::port>("port", kRefused, "Port",
                                                        "The port of `listen` alone."),
            read_port),
    key<&O::client_advertise>("client_advertise", kApplied, "ClientAdvertise",
                              "The host[:port] that clients are told instead of `listen`."),
    key<&O::server_name>("server_name", kRefused, "ServerName",
                         "The server's name, without blanks; its id when none is given."),
    key<&O::server_tags>("server_tags", kApplied, "Tags", "Tags shown by monitoring."),
    key<&O::server_metadata>("server_metadata", kApplied, "Metadata",
                             "Names and texts shown by monitoring."),
    key<&O::no_header_support>("no_header_support", kRefused, "NoHeaderSupport",
                               "Messages have no headers."),
    block("authorization", "Who may connect.", read_authorization),
    key<&O::authorization, &A::no_auth_user>(
        "no_auth_user", kRefused, "NoAuthUser",
        "The user that a client without credentials becomes; one of `users`."),
    special(described<&O::limits, &L::max_connections>(
                "max_connections max_conn", kApplied, "MaxConn",
                "Client connections at a time; 0 and less allow none."),
            read_max_connections),
    amount<&O::limits, &L::max_control_line>("max_control_line", kApplied, "MaxControlLine",
                                             "Bytes of a protocol line without its payload."),
    amount<&O::limits, &L::max_payload>("max_payload", kApplied, "MaxPayload",
                                        "Bytes of a message, its headers included."),
    amount<&O::limits, &L::max_pending>(
        "max_pending", kRefused, "MaxPending",
        "Bytes waiting for a client that reads too slowly, before it is closed.",
        std::numeric_limits<std::int64_t>::max()),
    amount<&O::limits, &L::max_subscriptions>("max_subscriptions max_subs", kRefused, "MaxSubs",
                                              "Subscriptions of a connection; 0 is no limit."),
    [] {
        Key one = key<&O::limits, &L::max_sub_tokens>(
            "max_sub_tokens max_subscription_tokens", kRefused, "MaxSubTokens",
            "Tokens of a subscription's subject, 1 to 255; 0, the default, is no limit.");
        one.lowest = 1;
        one.highest = 255;
        return one;
    }(),
    amount<&O::limits, &L::max_closed_clients>("max_closed_clients", kRefused, "MaxClosedClients",
                                               "Closed connections that monitoring remembers."),
    amount<&O::limits, &L::ping_interval>("ping_interval", kApplied, "PingInterval",
                                          "How long a silent client is left alone before a PING.",
                                          std::numeric_limits<std::int64_t>::max()),
    amount<&O::limits, &L::ping_max>("ping_max", kApplied, "MaxPingsOut",
                                     "PINGs without an answer before a client counts as gone."),
    amount<&O::limits, &L::write_deadline>(
        "write_deadline", kApplied, "WriteDeadline",
        "How long a client may take nothing before it is closed as too slow.",
        std::numeric_limits<std::int64_t>::max()),
    key<&O::limits, &L::no_fast_producer_stall>(
        "no_fast_producer_stall", kApplied, "NoFastProducerStall",
        "Drops a message for a client that reads too slowly instead of holding its publisher."),
    key<&O::logging, &G::debug>("debug", kApplied, "Debug", "Logs debug lines."),
    key<&O::logging, &G::trace>("trace", kApplied, "Trace", "Logs protocol lines."),
    special(described<&O::logging, &G::trace_verbose>(
                "trace_verbose", kApplied, "TraceVerbose",
                "Logs the system account's protocol lines too; sets `trace`."),
            read_trace_verbose),
    special(
        key<&O::logging, &G::trace_headers>("trace_headers", kApplied, "TraceHeaders",
                                            "Of payloads, logs only the headers; sets `trace`."),
        read_trace_headers),
    amount<&O::logging, &G::max_traced_msg_len>("max_traced_msg_len", kApplied, "MaxTracedMsgLen",
                                                "Bytes of a payload that a log line shows; 0 is "
                                                "all."),
    key<&O::logging, &G::logtime>("logtime", kApplied, "Logtime", "Log lines have the time."),
    key<&O::logging, &G::logtime_utc>("logtime_utc", kApplied, "LogtimeUTC",
                                      "The time of log lines is UTC."),
    key<&O::logging, &G::log_file>("log_file logfile", kApplied, "LogFile",
                                   "The file that log lines are added to."),
    amount<&O::logging, &G::log_size_limit>(
        "log_size_limit logfile_size_limit", kRefused, "LogSizeLimit",
        "Bytes of the log file before it is set aside and a new one begun; 0 is no limit.",
        std::numeric_limits<std::int64_t>::max()),
    amount<&O::logging, &G::log_max_num>("log_max_num logfile_max_num", kRefused, "LogMaxFiles",
                                         "Log files kept, the current one included; 0 is all."),
    key<&O::logging, &G::syslog>("syslog", kApplied, "Syslog", "Logs to the system's log."),
    key<&O::logging, &G::remote_syslog>(
        "remote_syslog", kApplied, "RemoteSyslog",
        "Logs to another machine: udp://host:port, tcp://host:port or unix:///path."),
    http_key("http", KeyType::Address, "HTTPHost",
             "Where monitoring listens: a port, or host:port."),
    http_key("http_port monitor_port", KeyType::Integer, "HTTPPort",
             "The port of `http` alone; -1 asks for any free one."),
    key<&O::monitoring, &Monitoring::http_base_path>("http_base_path", kRefused, "HTTPBasePath",
                                                     "What comes before all monitoring paths."),
    key<&O::files, &Files::pid_file>("pid_file pidfile", kApplied, "PidFile",
                                     "The file that the process id is written to."),
    key<&O::files, &Files::ports_file_dir>(
        "ports_file_dir", kApplied, "PortsFileDir",
        "The folder of a file that tells which ports are listened on."),
    block("signalbox", "What only this server has.", read_own),

    absent("lame_duck_duration", "lame duck mode"),
    absent("lame_duck_grace_period", "lame duck mode"),
    absent("https", "TLS"),
    absent("https_port", "TLS"),
    absent("tls", "TLS"),
    absent("allow_non_tls", "TLS"),
    absent("ocsp", "TLS"),
    absent("ocsp_cache", "TLS"),
    absent("accounts", "accounts"),
    absent("system_account system", "accounts"),
    absent("no_system_account no_system no_sys_acc", "accounts"),
    absent("mappings maps", "subject mappings"),
    absent("operator operators root roots root_operator root_operators", "operator mode"),
    absent("trusted_keys trusted", "operator mode"),
    absent("resolver account_resolver accounts_resolver", "operator mode"),
    absent("resolver_tls", "operator mode"),
    absent("resolver_preload", "operator mode"),
    absent("resolver_pinned_accounts", "operator mode"),
    absent("default_sentinel", "operator mode"),
    absent("proxies", "trusted proxies"),
    absent("proxy_protocol", "the PROXY protocol"),
    absent("cluster", "clustering"),
    absent("connect_error_reports", "clustering"),
    absent("reconnect_error_reports", "clustering"),
    absent("gateway", "gateways"),
    absent("leafnodes leaf", "leaf nodes"),
    absent("websocket ws", "WebSocket"),
    absent("mqtt", "MQTT"),
    absent("jetstream", "JetStream"),
    absent("store_dir storedir", "JetStream"),
    absent("default_js_domain", "JetStream"),
    absent("feature_flags", "JetStream"),
    absent("prof_port", "profiling"),
    absent("prof_block_rate", "profiling"),
    absent("write_timeout", "the choice of what a late write does"),
    absent("disable_sublist_cache no_sublist_cache", "running without the match cache"),
};

constexpr Key kAuthorization[] = {
    key<&O::authorization, &A::user>("user username", kApplied, "Username", "The only user."),
    key<&O::authorization, &A::password>("password pass", kApplied, "Password",
                                         "The only user's password, or its bcrypt hash."),
    key<&O::authorization, &A::token>("token", kApplied, "Authorization",
                                      "What every client sends, or its bcrypt hash."),
    special(described<&O::authorization, &A::timeout>(
                "timeout", kApplied, "AuthTimeout", "How long a client may take to say who it is."),
            read_auth_timeout, KeyType::Seconds),
    special(described<&O::authorization, &A::users>(
                "users", kApplied, "Users", "An array of users, each a map of the keys below."),
            read_users),
    absent("default_permissions default_permission permissions", "permissions"),
    absent("auth_callout auth_hook", "the auth callout"),
    absent("proxy_required", "trusted proxies"),
};

constexpr Key user_key(std::string_view names, KeyType type, std::string_view about,
                       Key::Read read) {
    Key one;
    one.names = names;
    one.type = type;
    one.about = about;
    one.read = read;
    return one;
}

constexpr Key kUser[] = {
    user_key("user username", KeyType::String, "The user's name.", read_user_name),
    user_key("password pass", KeyType::Secret, "The password, or its bcrypt hash.",
             read_user_password),
    absent("nkey", "authentication by nkeys"),
    absent("permissions permission authorization", "permissions"),
    absent("allowed_connection_types connection_types clients", "connection types"),
    absent("proxy_required", "trusted proxies"),
};

constexpr Key kOwn[] = {
    key<&O::own, &Own::open_without_authentication>(
        "open_without_authentication", kRefused, "OpenWithoutAuthentication",
        "Listens on all addresses although none was given and anyone may connect."),
    key<&O::own, &Own::monitoring_cors>("monitoring_cors", kRefused, "MonitoringCORS",
                                        "Any web page may read the monitoring documents."),
};

}  // namespace

std::span<Key const> top_keys() {
    return kTop;
}
std::span<Key const> authorization_keys() {
    return kAuthorization;
}
std::span<Key const> user_keys() {
    return kUser;
}
std::span<Key const> own_keys() {
    return kOwn;
}

}  // namespace signalbox::config
