#include "engine/monitor/varz.h"

#include "engine/base/duration_text.h"
#include "engine/base/json_writer.h"
#include "engine/claims/decoded.h"
#include "engine/monitor/gatewayz.h"
#include "engine/monitor/jsz.h"
#include "engine/monitor/leafz.h"

#include <algorithm>
#include <cmath>

namespace signalbox::monitor {
namespace {

double in_seconds(Duration duration) {
    return static_cast<double>(duration.count()) / 1e9;
}

void write_identity(JsonWriter& json, ServerFacts const& server) {
    json.field("server_id", server.id).field("server_name", server.name);
    json.field("version", server.version).field("proto", 1);
    json.field("go", server.runtime).field("signalbox", server.own_version);
    json.field("host", server.host).field("port", server.port);
    json.field_unless_empty("auth_required", server.auth_required);
    auto const& tls = server.options->tls;
    json.field_unless_empty("tls_required", tls && !server.options->allow_non_tls);
    json.field_unless_empty("tls_verify", tls && (tls->verify || tls->verify_and_map));
    json.field_unless_empty("tls_ocsp_peer_verify",
                            tls && tls->ocsp_peer && tls->ocsp_peer->verify);
    if (!server.connect_urls.empty()) {
        json.key("connect_urls").begin_array();
        for (std::string const& url : server.connect_urls) {
            json.value(url);
        }
        json.end_array();
    }
}

void write_cluster(JsonWriter& json, ServerFacts const& server, ClusterFacts const& facts) {
    json.key("cluster").begin_object();
    if (!facts.name.empty()) {
        config::ClusterOptions const& cluster = server.options->cluster;
        json.field("name", facts.name).field("addr", facts.host);
        json.field("cluster_port", facts.port);
        json.field("auth_timeout", in_seconds(cluster.login.timeout));
        if (!cluster.routes.empty()) {
            json.key("urls").begin_array();
            for (config::ServerUrl const& url : cluster.routes) {
                json.value(url.authority());
            }
            json.end_array();
        }
        if (cluster.tls) {
            json.field("tls_timeout", in_seconds(cluster.tls->timeout));
            json.field("tls_required", true);
            json.field_unless_empty("tls_verify", cluster.tls->verify);
        }
        json.field("pool_size", cluster.pool_size);
    }
    json.end_object();
}

/// What stands in parts of the document of their own.
struct PartFacts {
    ClusterFacts cluster;
    jetstream::JetStream const* streams = nullptr;
};

void write_limits(JsonWriter& json, MonitorSource const& source, ServerFacts const& server,
                  PartFacts const& parts) {
    config::Options const& options = *server.options;
    config::Limits const& limits = options.limits;
    json.field("max_connections", limits.max_connections);
    json.field_unless_empty("max_subscriptions", limits.max_subscriptions);
    json.field("ping_interval", limits.ping_interval.count()).field("ping_max", limits.ping_max);
    bool const https = options.monitoring.https.has_value();
    json.field("http_host", server.http_host).field("http_port", https ? 0 : server.http_port);
    std::string const& base_path = options.monitoring.http_base_path;
    json.field("http_base_path", base_path == "/" ? std::string() : base_path);
    json.field("https_port", https ? server.http_port : 0);
    json.field("auth_timeout", in_seconds(options.authorization.timeout));
    json.field("max_control_line", limits.max_control_line);
    json.field("max_payload", limits.max_payload).field("max_pending", limits.max_pending);
    write_cluster(json, server, parts.cluster);
    // There whether or not the server has any of these.
    write_gateway(json, source);
    write_leaf(json, source);
    for (char const* part : {"mqtt", "websocket"}) {
        json.key(part).begin_object().end_object();
    }
    json.key("jetstream").begin_object();
    if (jetstream::JetStream const* const streams = parts.streams) {
        json.key("config");
        write_jetstream_config(json, *streams);
        json.key("stats");
        write_jetstream_stats(json, *streams);
        json.key("limits");
        write_jetstream_limits(json, *streams);
    }
    json.end_object();
    Duration const tls_timeout = options.tls ? options.tls->timeout : config::TlsOptions().timeout;
    json.field("tls_timeout", in_seconds(tls_timeout));
    json.field("write_deadline", limits.write_deadline.count());
    if (server.certificate_not_after.is_set()) {
        json.field("tls_cert_not_after", server.certificate_not_after);
    }
}

void write_process(JsonWriter& json, ServerFacts const& server, ProcessFacts const& process) {
    json.field("start", server.start).field("now", process.now);
    json.field("uptime", base::uptime_text(process.now - server.start));
    json.field("mem", process.usage.resident_bytes).field("cores", process.usage.cores);
    json.field("gomaxprocs", process.usage.cores);
    json.field("cpu", std::round(process.cpu_percent * 10) / 10);
}

void write_totals(JsonWriter& json, observe::ServerCounters const& counters,
                  ClusterFacts const& cluster, LeafSideFacts const& leafs) {
    json.field("connections", counters.connections.get());
    json.field("total_connections", counters.total_connections.get());
    json.field("routes", cluster.routes)
        .field("remotes", cluster.remotes)
        .field("leafnodes", leafs.count);
    // What passed neither over routes nor to leaf nodes did so over clients.
    auto const write = [&](std::string_view name, std::uint64_t all, std::uint64_t by_routes) {
        json.field(name, all - std::min(all, by_routes));
    };
    json.field("in_msgs", counters.in_msgs.get()).field("in_bytes", counters.in_bytes.get());
    write("in_client_msgs", counters.in_msgs.get(), cluster.in_msgs + leafs.in_msgs);
    write("in_client_bytes", counters.in_bytes.get(), cluster.in_bytes + leafs.in_bytes);
    json.field("out_msgs", counters.out_msgs.get()).field("out_bytes", counters.out_bytes.get());
    write("out_client_msgs", counters.out_msgs.get(), cluster.out_msgs + leafs.out_msgs);
    write("out_client_bytes", counters.out_bytes.get(), cluster.out_bytes + leafs.out_bytes);
    json.field("slow_consumers", counters.slow_consumers.get());
    json.field("stale_connections", counters.stale_connections.get());
    json.field("stalled_clients", counters.stalled_clients.get());
}

void write_by_kind(JsonWriter& json, std::string_view name, std::uint64_t of_clients) {
    json.key(name).begin_object().field("clients", of_clients);
    json.field("routes", 0).field("gateways", 0).field("leafs", 0).end_object();
}

/// The JWTs of operators, as text and as what they say.
void write_operators(JsonWriter& json, config::Options const& options) {
    if (options.operators.operators.empty()) {
        return;
    }
    json.key("trusted_operators_jwt").begin_array();
    for (std::string const& jwt : options.operators.operators) {
        json.value(jwt);
    }
    json.end_array().key("trusted_operators_claim").begin_array();
    for (std::string const& jwt : options.operators.operators) {
        if (auto const token = claims::decode(jwt, claims::ClaimKind::Operator); token.ok()) {
            claims::write_decoded(json, token.value());
        }
    }
    json.end_array();
}

void write_configuration(JsonWriter& json, ServerFacts const& server) {
    config::Options const& options = *server.options;
    json.field("config_load_time", server.config_load_time);
    json.field("config_digest", options.files.config_digest);
    if (!options.server_tags.empty()) {
        json.key("tags").begin_array();
        for (std::string const& tag : options.server_tags) {
            json.value(tag);
        }
        json.end_array();
    }
    if (!options.server_metadata.empty()) {
        json.key("metadata").begin_object();
        for (auto const& [name, value] : options.server_metadata) {
            json.field(name, value);
        }
        json.end_object();
    }
    write_operators(json, options);
    json.field_unless_empty("system_account", server.system_account);
    json.field_unless_empty("pinned_account_fails", server.pinned_account_fails);
}

void write_proxies(JsonWriter& json, config::Options const& options) {
    if (options.trusted_proxies.empty()) {
        return;
    }
    json.key("proxies").begin_object().key("trusted").begin_array();
    for (std::string const& key : options.trusted_proxies) {
        json.begin_object().field("key", key).end_object();
    }
    json.end_array().end_object();
}

}  // namespace

Answer varz(MonitorSource& source, Layout layout) {
    ServerFacts const server = source.server();
    observe::ServerCounters const& counters = source.counters();
    JsonWriter json(indent_of(layout));
    json.begin_object();
    write_identity(json, server);
    ClusterFacts const cluster = source.cluster();
    write_limits(json, source, server, {cluster, source.streams()});
    write_process(json, server, source.process());
    write_totals(json, counters, cluster, source.leaf_side());
    json.field("subscriptions", source.interest("").subscriptions);
    json.key("http_req_stats").begin_object();
    for (auto const& [path, count] : source.http_stats().counts()) {
        json.field(path, count);
    }
    json.end_object();
    write_configuration(json, server);
    write_by_kind(json, "slow_consumer_stats", counters.slow_consumers.get());
    write_by_kind(json, "stale_connection_stats", counters.stale_connections.get());
    json.key("disk_io_wait_stats").begin_object();
    for (char const* name : {"waiters", "waits", "wait_time", "max_wait_time"}) {
        json.field(name, 0);
    }
    json.end_object();
    write_proxies(json, *server.options);
    json.end_object();
    return answer_whole(json.take());
}

}  // namespace signalbox::monitor
