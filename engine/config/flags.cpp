#include "engine/config/flags.h"

#include "engine/base/number.h"
#include "engine/base/text.h"

#include <algorithm>

namespace signalbox::config {

namespace {

constexpr std::string_view kServer = "Server";
constexpr std::string_view kLogging = "Logging";
constexpr std::string_view kJetStream = "JetStream";
constexpr std::string_view kAuthorization = "Authorization";
constexpr std::string_view kTls = "TLS";
constexpr std::string_view kCluster = "Cluster";
constexpr std::string_view kCommon = "Common";

constexpr Flag boolean(std::string_view names, std::string_view group, std::string_view about,
                       Flag::Apply apply) {
    return {
        .names = names, .type = FlagType::Boolean, .group = group, .about = about, .apply = apply};
}

constexpr Flag text(std::string_view names, std::string_view group, std::string_view argument,
                    std::string_view about, Flag::Apply apply) {
    return {.names = names, .group = group, .argument = argument, .about = about, .apply = apply};
}

constexpr Flag number(std::string_view names, std::string_view group, std::string_view argument,
                      std::string_view about, Flag::Apply apply) {
    Flag flag = text(names, group, argument, about, apply);
    flag.type = FlagType::Integer;
    return flag;
}

constexpr Flag acting(std::string_view names, FlagType type, FlagAction action,
                      std::string_view group, std::string_view argument, std::string_view about) {
    Flag flag = text(names, group, argument, about, nullptr);
    flag.type = type;
    flag.action = action;
    return flag;
}

constexpr Flag absent(std::string_view names, FlagType type, std::string_view part) {
    return {.names = names, .type = type, .action = FlagAction::Absent, .part = part};
}

using O = Options;
using S = std::string const;

constexpr auto kBoolean = FlagType::Boolean;
constexpr auto kInteger = FlagType::Integer;
constexpr auto kText = FlagType::Text;

/// Who may connect is said in one place: a user or a token of the command line takes the place of
/// whatever the file says.
void replace_by_user(O& o, S& name) {
    o.authorization.user = name;
    o.authorization.token = {};
    o.authorization.users.clear();
}

void set_port(std::optional<ListenAddress>& listener, S& value) {
    auto const port = static_cast<int>(integer_value(value));
    if (port == 0) {
        listener.reset();
    } else {
        listener = ListenAddress{.host = listener ? listener->host : "", .port = port};
    }
}

/// What is no URL is kept without a host, and refused with the other options.
ServerUrl url_of(std::string_view text) {
    Result<ServerUrl> url = ServerUrl::parse(base::trim(text));
    return url.ok() ? std::move(url).value() : ServerUrl{.scheme = std::string(text)};
}

void set_routes(O& o, S& value) {
    o.cluster.routes.clear();
    for (std::string_view const text : base::split(value, ',')) {
        if (!base::trim(text).empty()) {
            o.cluster.routes.push_back(url_of(text));
        }
    }
}

/// Without a value there is no cluster, whatever the file says.
void set_cluster_listen(O& o, S& value) {
    if (value.empty()) {
        o.cluster.listen = {};
        return;
    }
    ServerUrl url = url_of(value);
    o.cluster.listen = {.host = url.host, .port = url.port};
    if (!url.user.empty()) {
        o.cluster.login.user = std::move(url.user);
        o.cluster.login.password = std::move(url.password);
    }
}

constexpr Flag kFlags[] = {
    text("a addr net", kServer, "host",
         "listen for clients on this host (default 0.0.0.0 with "
         "authentication, else this machine alone)",
         [](O& o, S& v) { o.listen.host = v; }),
    number("p port", kServer, "port", "listen for clients on this port (default 4222, -1 any)",
           [](O& o, S& v) {
               auto const port = static_cast<int>(integer_value(v));
               o.listen.port = port == 0 ? Options{}.listen.port : port;
           }),
    text("n name server_name", kServer, "name", "the server's name (default its id)",
         [](O& o, S& v) { o.server_name = v; }),
    text("P pid", kServer, "file", "write the process id to this file",
         [](O& o, S& v) { o.files.pid_file = v; }),
    number("m http_port", kServer, "port", "listen for monitoring on this port (-1 any)",
           [](O& o, S& v) { set_port(o.monitoring.http, v); }),
    number("ms https_port", kServer, "port", "listen for monitoring with TLS on this port (-1 any)",
           [](O& o, S& v) { set_port(o.monitoring.https, v); }),
    acting("c config", kText, FlagAction::ConfigFile, kServer, "file", "the configuration file"),
    acting("t", kBoolean, FlagAction::Test, kServer, "", "test the configuration and end"),
    acting("sl signal", kText, FlagAction::Signal, kServer, "command[=pid]",
           "send stop, quit, term, reopen, reload or ldm to a running server; pid may be a file"),
    text("client_advertise", kServer, "host[:port]", "the address that clients are told",
         [](O& o, S& v) { o.client_advertise = v; }),
    text("ports_file_dir", kServer, "folder", "write the file that tells the ports to this folder",
         [](O& o, S& v) { o.files.ports_file_dir = v; }),
    text("l log", kLogging, "file", "log to this file", [](O& o, S& v) { o.logging.log_file = v; }),
    boolean("T logtime", kLogging, "log the time (default true)",
            [](O& o, S& v) { o.logging.logtime = boolean_value(v); }),
    boolean("logtime_utc", kLogging, "log the time in UTC",
            [](O& o, S& v) { o.logging.logtime_utc = boolean_value(v); }),
    boolean("s syslog", kLogging, "log to the system's log",
            [](O& o, S& v) { o.logging.syslog = boolean_value(v); }),
    text("r remote_syslog", kLogging, "url", "log to another machine, such as udp://host:514",
         [](O& o, S& v) { o.logging.remote_syslog = v; }),
    boolean("D debug", kLogging, "log debug lines",
            [](O& o, S& v) { o.logging.debug = boolean_value(v); }),
    boolean("V trace", kLogging, "log protocol lines",
            [](O& o, S& v) { o.logging.trace = boolean_value(v); }),
    boolean("VV", kLogging, "log protocol lines, those of the system account too",
            [](O& o, S& v) {
                o.logging.trace = boolean_value(v);
                o.logging.trace_verbose = boolean_value(v);
            }),
    boolean("DV", kLogging, "log debug and protocol lines",
            [](O& o, S& v) {
                o.logging.debug = boolean_value(v);
                o.logging.trace = boolean_value(v);
            }),
    boolean("DVV", kLogging, "log debug and protocol lines, those of the system account too",
            [](O& o, S& v) {
                o.logging.debug = boolean_value(v);
                o.logging.trace = boolean_value(v);
                o.logging.trace_verbose = boolean_value(v);
            }),
    number("log_size_limit", kLogging, "bytes", "begin a new log file at this size",
           [](O& o, S& v) { o.logging.log_size_limit = integer_value(v); }),
    number("max_traced_msg_len", kLogging, "bytes", "show this much of a payload (default all)",
           [](O& o, S& v) { o.logging.max_traced_msg_len = integer_value(v); }),
    boolean("js jetstream", kJetStream, "keep messages in streams",
            [](O& o, S& v) { o.jetstream.enabled = boolean_value(v); }),
    text("sd store_dir", kJetStream, "folder", "keep their files in `jetstream` of this folder",
         [](O& o, S& v) { o.jetstream.store_dir = v; }),
    text("user", kAuthorization, "name", "the only user", replace_by_user),
    text("pass", kAuthorization, "password", "the only user's password",
         [](O& o, S& v) { o.authorization.password = crypto::Secret(v); }),
    text("auth", kAuthorization, "token", "the token that clients send",
         [](O& o, S& v) {
             replace_by_user(o, "");
             o.authorization.password = {};
             o.authorization.token = crypto::Secret(v);
         }),
    acting("tls", kBoolean, FlagAction::Tls, kTls, "",
           "clients use TLS; -tls=false: they do not, whatever the file says"),
    acting("tlscert", kText, FlagAction::Tls, kTls, "file", "the server's certificate"),
    acting("tlskey", kText, FlagAction::Tls, kTls, "file", "its private key"),
    acting("tlscacert", kText, FlagAction::Tls, kTls, "file",
           "the roots that clients' certificates lead to"),
    acting("tlsverify", kBoolean, FlagAction::Tls, kTls, "", "clients must show a certificate"),
    text("routes", kCluster, "urls", "connect to the servers at these URLs, with commas between",
         set_routes),
    text("cluster cluster_listen", kCluster, "url",
         "listen for other servers at nats://[user:pass@]host:port (port -1 any)",
         set_cluster_listen),
    text("cluster_name", kCluster, "name", "the name of the cluster",
         [](O& o, S& v) { o.cluster.name = v; }),
    text("cluster_advertise", kCluster, "host[:port]", "the address that other servers are told",
         [](O& o, S& v) { o.cluster.advertise = v; }),
    boolean("no_advertise", kCluster, "do not tell clients of the other servers",
            [](O& o, S& v) { o.cluster.no_advertise = boolean_value(v); }),
    number("connect_retries", kCluster, "number",
           "how often a server that others told of is tried again",
           [](O& o, S& v) { o.cluster.connect_retries = integer_value(v); }),
    acting("h help", kBoolean, FlagAction::Help, kCommon, "", "show this"),
    acting("v version", kBoolean, FlagAction::Version, kCommon, "", "show the version"),
    acting("help_tls", kBoolean, FlagAction::TlsHelp, kCommon, "",
           "show what TLS may be configured with"),

    absent("profile", kInteger, "profiling"),
};

}  // namespace

std::span<Flag const> flags() {
    return kFlags;
}

Flag const* find_flag(std::string_view name) {
    for (Flag const& flag : kFlags) {
        auto const names = base::split(flag.names, ' ');
        if (std::ranges::find(names, name) != names.end()) {
            return &flag;
        }
    }
    return nullptr;
}

bool boolean_value(std::string_view value) {
    return value == "1" || value == "t" || value == "T" || value == "true" || value == "TRUE" ||
           value == "True";
}

std::int64_t integer_value(std::string_view value) {
    return base::parse_int(value).value_or(0);
}

}  // namespace signalbox::config
