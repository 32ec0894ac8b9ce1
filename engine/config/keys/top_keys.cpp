#include "engine/base/duration_text.h"
#include "engine/base/text.h"
#include "engine/config/keys/peer_rows.h"

#include <algorithm>

namespace signalbox::config {

namespace {

using O = Options;
using L = Limits;
using G = Logging;
using A = Authorization;

void read_listen(Key const&, Value const& value, Target& target) {
    if (std::optional<ListenAddress> address = address_of(value, target.problems)) {
        target.options.listen = std::move(*address);
        if (target.options.listen.port == 0) {
            target.options.listen.port = Options{}.listen.port;
        }
    }
}

void read_port(Key const& key, Value const& value, Target& target) {
    if (std::optional<int> const port = port_of(key, value, target.problems)) {
        target.options.listen.port = *port == 0 ? Options{}.listen.port : *port;
    }
}

void read_write_timeout(Key const& key, Value const& value, Target& target) {
    std::string text;
    std::size_t const before = target.problems.errors.size();
    read_value(key, value, target.problems, text);
    if (target.problems.errors.size() != before) {
        return;
    }
    if (text != "default" && text != "close" && text != "retry") {
        target.problems.error(value.position(),
                              "write_timeout must be 'default', 'close' or 'retry'");
        return;
    }
    target.options.limits.close_on_write_timeout = text != "retry";
}

void read_lame_duck_duration(Key const& key, Value const& value, Target& target) {
    std::optional<Duration> const duration = duration_text(key.name(), value, target.problems);
    if (duration && *duration < base::seconds(30)) {
        target.problems.error(value.position(),
                              concat("invalid lame_duck_duration of ",
                                     base::duration_text(*duration), ", minimum is 30 seconds"));
    } else if (duration) {
        target.options.lame_duck.duration = *duration;
    }
}

void read_lame_duck_grace(Key const& key, Value const& value, Target& target) {
    std::optional<Duration> const grace = duration_text(key.name(), value, target.problems);
    if (grace && *grace < Duration{0}) {
        target.problems.error(value.position(),
                              "invalid lame_duck_grace_period, needs to be positive");
    } else if (grace) {
        target.options.lame_duck.grace_period = *grace;
    }
}

void read_authorization(Key const& key, Value const& value, Target& target) {
    read_block(key.inner, value, target);
}

void read_own(Key const& key, Value const& value, Target& target) {
    read_block(key.inner, value, target);
}

void read_system_account(Key const&, Value const& value, Target& target) {
    if (auto const* name = value.as<std::string>()) {
        target.options.system_account = *name;
    } else {
        target.problems.error(value.position(), "system account name must be a string");
    }
}

bool has_user(std::vector<User> const& users, std::string_view id) {
    return std::ranges::any_of(users, [&](User const& user) { return user.id() == id; });
}

/// The user that clients without credentials become may go only together with the user itself:
/// otherwise those already in would have to be told who they are now.
bool goes_with_its_user(Options const& old, Options const& now) {
    std::string const& id = old.authorization.no_auth_user;
    return now.authorization.no_auth_user.empty() && !has_user(now.authorization.users, id) &&
           std::ranges::none_of(now.accounts, [&](AccountOptions const& account) {
               return has_user(account.users, id);
           });
}

/// The default by its name is what it is without.
bool leaves_default_system_account(Options const& old, Options const& now) {
    auto const is_default = [](std::string const& name) { return name.empty() || name == "$SYS"; };
    return is_default(old.system_account) && is_default(now.system_account);
}

/// Whether clients are users by their certificates, and whether handshakes are counted, is so for
/// as long as a server runs.
bool keeps_kind_of_tls(Options const& old, Options const& now) {
    auto const kind = [](std::optional<TlsOptions> const& tls) {
        return std::pair(tls && tls->verify_and_map, tls && tls->connection_rate_limit > 0);
    };
    return kind(old.tls) == kind(now.tls);
}

bool same_resolver_kind(Options const& old, Options const& now) {
    return old.operators.resolver.kind == now.operators.resolver.kind;
}

constexpr Key partial(Key one, Key::Same allowed) {
    one.reload = kPartial;
    one.allowed = allowed;
    return one;
}

/// A bearer's JWT is as good as a password.
std::string print_sentinel(Options const& options) {
    return options.operators.default_sentinel.empty() ? "" : "[REDACTED]";
}
constexpr Key secret(Key one) {
    one.print = print_sentinel;
    return one;
}

constexpr Key special_change(std::string_view names, std::string_view field, std::string_view about,
                             Key::Print print, Key::Same same) {
    Key one = row(names, KeyType::Block, about, nullptr);
    one.field = field;
    one.print = print;
    one.same = same;
    return one;
}

/// The monitoring listener of one kind: plain or TLS.
using Listener = std::optional<ListenAddress> Monitoring::*;

template <Listener Which>
void read_http(Key const&, Value const& value, Target& target) {
    std::optional<ListenAddress> address = address_of(value, target.problems);
    if (address && address->port == 0) {
        (target.options.monitoring.*Which).reset();
    } else if (address) {
        target.options.monitoring.*Which = std::move(*address);
    }
}

template <Listener Which>
void read_http_port(Key const& key, Value const& value, Target& target) {
    std::optional<int> const port = port_of(key, value, target.problems);
    std::optional<ListenAddress>& http = target.options.monitoring.*Which;
    if (port == 0) {
        http.reset();
    } else if (port) {
        http = ListenAddress{.host = http ? http->host : "", .port = *port};
    }
}

/// None allowed is written 0 here, and kept as -1.
void read_max_connections(Key const& key, Value const& value, Target& target) {
    std::int64_t& most = target.options.limits.max_connections;
    read_value(key, value, target.problems, most);
    most = most == 0 ? -1 : most;
}

void read_trace_verbose(Key const& key, Value const& value, Target& target) {
    Logging& logging = target.options.logging;
    read_value(key, value, target.problems, logging.trace_verbose);
    logging.trace = logging.trace || logging.trace_verbose;
}

void read_trace_headers(Key const& key, Value const& value, Target& target) {
    Logging& logging = target.options.logging;
    read_value(key, value, target.problems, logging.trace_headers);
    logging.trace = logging.trace || logging.trace_headers;
}

template <Listener Which>
std::string print_http_host(Options const& options) {
    auto const& http = options.monitoring.*Which;
    return http ? http->host : "";
}
template <Listener Which>
std::string print_http_port(Options const& options) {
    auto const& http = options.monitoring.*Which;
    return text_of(http ? http->port : 0);
}
template <Key::Print Print>
bool same_text(Options const& a, Options const& b) {
    return Print(a) == Print(b);
}

template <Listener Which>
constexpr Key http_key(std::string_view names, KeyType type, std::string_view field,
                       std::string_view about) {
    bool const host = type == KeyType::Address;
    Key one = row(names, type, about, host ? read_http<Which> : read_http_port<Which>);
    one.reload = kRefused;
    one.field = field;
    one.print = host ? print_http_host<Which> : print_http_port<Which>;
    one.same = host ? same_text<print_http_host<Which>> : same_text<print_http_port<Which>>;
    return one;
}

/// `listen` says what `host` and `port` say, and is compared as they are.
constexpr Key listen_key() {
    Key one = row("listen", KeyType::Address,
                  "Where clients connect: a port, or host:port. Port -1 asks for any free one. "
                  "Without a host and without authentication only this machine can connect.",
                  read_listen);
    one.reload = kRefused;
    return one;
}

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
    block(row("authorization", KeyType::Block, "Who may connect to the account `$G`.", nullptr),
          Block::Authorization, read_authorization),
    partial(key<&O::authorization, &A::no_auth_user>(
                "no_auth_user", kPartial, "NoAuthUser",
                "The user or nkey that a client without credentials becomes. A reload may take it "
                "away together with that user."),
            goes_with_its_user),
    named_blocks(special_change("accounts", "Accounts",
                                "Rooms that know nothing of each other but what they export and "
                                "import: a map from name to block, or an array of names.",
                                print_accounts, same_accounts),
                 Block::Account, read_accounts, "array of names"),
    partial(special(described<&O::system_account>(
                        "system_account system", kPartial, "SystemAccount",
                        "The account of events and of requests to the server; `$SYS` when none is "
                        "given."),
                    read_system_account),
            leaves_default_system_account),
    key<&O::no_system_account>("no_system_account no_system no_sys_acc", kRefused,
                               "NoSystemAccount", "There is no system account."),
    named_blocks(
        special_change("mappings maps", "Mappings",
                       "Subjects of `$G` that are renamed when a client publishes on them: "
                       "a map from subject to subject, or to one or several weighted "
                       "destinations.",
                       print_mappings, same_mappings),
        Block::Destination, read_top_mappings, "text or array of blocks"),
    special(described<&O::operators, &OperatorOptions::operators>(
                "operator operators root roots root_operator root_operators", kRefused,
                "TrustedOperators",
                "The JWT of the operator whose accounts and users are trusted, or the file that "
                "holds it, or an array of them."),
            read_operators),
    special(described<&O::operators, &OperatorOptions::trusted_keys>(
                "trusted_keys trusted", kRefused, "TrustedKeys",
                "Public keys of operators that are trusted, in place of `operator`."),
            read_trusted_keys),
    partial(block(described<&O::operators, &OperatorOptions::resolver>(
                      "resolver account_resolver accounts_resolver", kPartial, "AccountResolver",
                      "Where the JWTs of accounts come from: MEMORY, URL(…) or a folder."),
                  Block::Resolver, read_resolver, "text"),
            same_resolver_kind),
    block(described<&O::operators, &OperatorOptions::resolver, &ResolverOptions::tls>(
              "resolver_tls", kApplied, "AccountResolverTLSConfig",
              "How a resolver of URL(https://…) is dialled."),
          Block::Tls,
          read_block_member<&O::operators, &OperatorOptions::resolver, &ResolverOptions::tls>),
    special(described<&O::operators, &OperatorOptions::preload>(
                "resolver_preload", kApplied, "resolverPreloads",
                "JWTs of accounts by their public keys, known from the start."),
            read_resolver_preload, KeyType::Texts),
    special(described<&O::operators, &OperatorOptions::pinned_accounts>(
                "resolver_pinned_accounts", kApplied, "resolverPinnedAccounts",
                "Public keys of the only accounts that may log in."),
            read_pinned_accounts),
    secret(key<&O::operators, &OperatorOptions::default_sentinel>(
        "default_sentinel", kApplied, "DefaultSentinel",
        "The bearer JWT of a client that shows none.")),
    block(described<&O::trusted_proxies>("proxies", kApplied, "Proxies",
                                         "Proxies whose word for a client is believed."),
          Block::Proxies, read_proxies),
    partial(block(described<&O::tls>("tls", kPartial, "TLSConfig",
                                     "TLS for clients. A reload does not begin or end "
                                     "`verify_and_map` and `connection_rate_limit`."),
                  Block::Tls, read_block_member<&O::tls>),
            keeps_kind_of_tls),
    key<&O::allow_non_tls>("allow_non_tls", kRefused, "AllowNonTLS",
                           "Clients may go on without TLS."),
    block(described<&O::ocsp>("ocsp", kApplied, "OCSPConfig",
                              "Whether OCSP answers for our own certificate are stapled to "
                              "handshakes."),
          Block::Ocsp, read_ocsp, "boolean"),
    key<&O::proxy_protocol>("proxy_protocol", kRefused, "ProxyProtocol",
                            "Clients come through a proxy that says with the PROXY protocol who "
                            "they are."),
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
    with_choices(special(described<&O::limits, &L::close_on_write_timeout>(
                             "write_timeout", kRefused, "WriteTimeout",
                             "What becomes of a client after `write_deadline`: `close`, or `retry` "
                             "to go on trying; `default` closes clients."),
                         read_write_timeout, KeyType::String),
                 "default close retry"),
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
    http_key<&Monitoring::http>("http", KeyType::Address, "HTTPHost",
                                "Where monitoring listens: a port, or host:port."),
    http_key<&Monitoring::http>("http_port monitor_port", KeyType::Integer, "HTTPPort",
                                "The port of `http` alone; -1 asks for any free one."),
    http_key<&Monitoring::https>("https", KeyType::Address, "HTTPSHost",
                                 "Where monitoring listens with the certificate of `tls`, in place "
                                 "of `http`."),
    http_key<&Monitoring::https>("https_port", KeyType::Integer, "HTTPSPort",
                                 "The port of `https` alone; -1 asks for any free one."),
    key<&O::monitoring, &Monitoring::http_base_path>("http_base_path", kRefused, "HTTPBasePath",
                                                     "What comes before all monitoring paths."),
    key<&O::files, &Files::pid_file>("pid_file pidfile", kApplied, "PidFile",
                                     "The file that the process id is written to."),
    key<&O::files, &Files::ports_file_dir>(
        "ports_file_dir", kApplied, "PortsFileDir",
        "The folder of a file that tells which ports are listened on."),
    special(described<&O::lame_duck, &LameDuck::duration>(
                "lame_duck_duration", kRefused, "LameDuckDuration",
                "How long it takes to close all clients before the server ends, at least 30s."),
            read_lame_duck_duration),
    special(described<&O::lame_duck, &LameDuck::grace_period>(
                "lame_duck_grace_period", kRefused, "LameDuckGracePeriod",
                "How long clients may go by themselves before the first is closed."),
            read_lame_duck_grace),
    key<&O::feature_flags>("feature_flags", kRefused, "FeatureFlags",
                           "Names of features and whether they are on."),
    key<&O::limits, &L::connect_error_reports>(
        "connect_error_reports", kApplied, "ConnectErrorReports",
        "Of failed first attempts to connect to another server, each so many is logged."),
    key<&O::limits, &L::reconnect_error_reports>(
        "reconnect_error_reports", kApplied, "ReconnectErrorReports",
        "Of failed attempts to connect again, each so many is logged."),
    key<&O::disable_sublist_cache>("disable_sublist_cache no_sublist_cache", kRefused,
                                   "NoSublistCache",
                                   "Looks up the receivers of each message anew."),
    partial(block(special_change("jetstream", "JetStream",
                                 "Whether messages are kept, where and how many. A reload can only "
                                 "give more room, and change `limits` and `strict`.",
                                 print_jetstream, same_jetstream),
                  Block::JetStream, read_jetstream, "boolean or text"),
            same_but_growth),
    row("store_dir storedir", KeyType::String, "The same as `jetstream.store_dir`.",
        read_store_dir),
    partial(block(special_change("cluster", "Cluster",
                                 "The servers that are one with this one. A reload changes neither "
                                 "its name nor where it listens.",
                                 print_cluster, same_cluster),
                  Block::Cluster, read_cluster),
            keeps_cluster_place),
    partial(block(special_change("leafnodes leaf", "LeafNode",
                                 "Servers attached to this one by an account each, and those it is "
                                 "attached to. A reload changes TLS, compression and `remotes`.",
                                 print_leafnodes, same_leafnodes),
                  Block::LeafNodes, read_leafnodes),
            keeps_leaf_listener),
    partial(block(special_change("gateway", "Gateway",
                                 "Connections with other clusters. A reload changes TLS.",
                                 print_gateway, same_gateway),
                  Block::Gateway, read_gateway),
            keeps_gateways),
    block(row("signalbox", KeyType::Block, "What only this server has.", nullptr), Block::Own,
          read_own),

    absent("ocsp_cache", "keeping OCSP answers on disk"),
    absent("websocket ws", "WebSocket"),
    absent("mqtt", "MQTT"),
    absent("default_js_domain", "JetStream by leaf nodes"),
    absent("prof_port", "profiling"),
    absent("prof_block_rate", "profiling"),
};

constexpr Key kOwn[] = {
    key<&O::own, &Own::open_without_authentication>(
        "open_without_authentication", kRefused, "OpenWithoutAuthentication",
        "Listens on all addresses although none was given and anyone may connect."),
    key<&O::own, &Own::includes_anywhere>(
        "includes_anywhere", kApplied, "IncludesAnywhere",
        "An `include` after it may name files outside the folder of the configuration."),
    key<&O::own, &Own::monitoring_cors>("monitoring_cors", kRefused, "MonitoringCORS",
                                        "Any web page may read the monitoring documents."),
};

}  // namespace

BlockSpec top_spec() {
    return {.path = "", .about = "", .example = "", .keys = kTop, .not_a_map = plain_not_a_map};
}

BlockSpec own_spec() {
    return {.path = "signalbox",
            .about = "What only this server has; nats-server refuses it.",
            .example = "signalbox { monitoring_cors: true }",
            .keys = kOwn,
            .not_a_map = plain_not_a_map};
}

}  // namespace signalbox::config
