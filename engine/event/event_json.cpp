#include "engine/event/event_json.h"

#include <cmath>

namespace signalbox::event {
namespace {

constexpr std::string_view kConnected = "io.nats.server.advisory.v1.client_connect";
constexpr std::string_view kDisconnected = "io.nats.server.advisory.v1.client_disconnect";
constexpr std::string_view kConnections = "io.nats.server.advisory.v1.account_connections";
constexpr std::string_view kLinkInvalid = "io.nats.server.advisory.v1.ocsp_peer_link_invalid";
constexpr std::string_view kPeerRefused = "io.nats.server.advisory.v1.ocsp_peer_reject";

/// Opens the object, which the caller closes.
JsonWriter begin(EventFrame const& frame, std::string_view type) {
    JsonWriter json;
    json.begin_object().field("type", type).field("id", frame.id).field("timestamp", frame.time);
    return json;
}

void write(JsonWriter& json, CertificateFacts const& certificate) {
    json.begin_object();
    json.field_unless_empty("subject", certificate.subject);
    json.field_unless_empty("issuer", certificate.issuer);
    json.field_unless_empty("fingerprint", certificate.fingerprint);
    json.field_unless_empty("raw", certificate.raw).end_object();
}

/// One who is gone, and one who was not let in, look the same.
template <class Gone>
std::string gone(EventFrame const& frame, Gone const& event) {
    JsonWriter json = begin(frame, kDisconnected);
    write(json.key("server"), frame.server);
    write(json.key("client"), event.client);
    write(json.key("sent"), event.sent);
    write(json.key("received"), event.received);
    json.field("reason", event.reason).end_object();
    return json.take();
}

void write_kinds(JsonWriter& json, std::string_view name, std::uint64_t of_clients) {
    json.key(name).begin_object().field("clients", of_clients);
    json.field("routes", 0).field("gateways", 0).field("leafs", 0).end_object();
}

}  // namespace

void write(JsonWriter& json, Traffic const& traffic, ByLink by_link) {
    json.begin_object().field("msgs", traffic.msgs).field("bytes", traffic.bytes);
    if (by_link == ByLink::Yes) {
        // There are none yet: all of it went over clients.
        for (char const* link : {"gateways", "routes", "leafs"}) {
            write(json.key(link), Traffic{});
        }
    }
    json.end_object();
}

void write_fields(JsonWriter& json, AccountStat const& stat) {
    json.field("acc", stat.account).field("name", stat.name);
    json.field("conns", stat.connections).field("leafnodes", stat.leafnodes);
    json.field("total_conns", stat.connections + stat.leafnodes);
    json.field("num_subscriptions", stat.subscriptions);
    write(json.key("sent"), stat.sent, ByLink::Yes);
    write(json.key("received"), stat.received, ByLink::Yes);
    json.field("slow_consumers", stat.slow_consumers);
}

std::string to_json(ServerInfo const& server, ServerStats const& stats) {
    JsonWriter json;
    write(json.begin_object().key("server"), server);
    json.key("statsz").begin_object();
    json.field("start", stats.start).field("mem", stats.resident_bytes);
    json.field("cores", stats.cores).field("cpu", std::round(stats.cpu_percent * 10) / 10);
    json.field("connections", stats.connections);
    json.field("total_connections", stats.total_connections);
    json.field("active_accounts", stats.active_accounts);
    json.field("subscriptions", stats.subscriptions);
    // All that comes and goes does so over clients, until there are servers beside this one.
    write(json.key("sent"), stats.sent);
    write(json.key("sent_to_clients"), stats.sent);
    write(json.key("received"), stats.received);
    write(json.key("received_from_clients"), stats.received);
    json.field("slow_consumers", stats.slow_consumers);
    if (stats.slow_consumers > 0) {
        write_kinds(json, "slow_consumer_stats", stats.slow_consumers);
    }
    if (stats.stale_connections > 0) {
        json.field("stale_connections", stats.stale_connections);
        write_kinds(json, "stale_connection_stats", stats.stale_connections);
    }
    json.field_unless_empty("stalled_clients", stats.stalled_clients);
    json.field("active_servers", 1).field("gomaxprocs", stats.cores);
    json.end_object().end_object();
    return json.take();
}

std::string to_json(EventFrame const& frame, ClientConnected const& event) {
    JsonWriter json = begin(frame, kConnected);
    write(json.key("server"), frame.server);
    write(json.key("client"), event.client);
    json.end_object();
    return json.take();
}

std::string to_json(EventFrame const& frame, ClientDisconnected const& event) {
    return gone(frame, event);
}

std::string to_json(EventFrame const& frame, ClientRefused const& event) {
    return gone(frame, event);
}

std::string to_json(EventFrame const& frame, PeerCertificateRefused const& event) {
    JsonWriter json = begin(frame, kPeerRefused);
    json.field("kind", event.kind);
    write(json.key("peer"), event.peer);
    write(json.key("server"), frame.server);
    json.field("reason", event.reason).end_object();
    return json.take();
}

std::string to_json(EventFrame const& frame, CertificateLinkInvalid const& event) {
    JsonWriter json = begin(frame, kLinkInvalid);
    write(json.key("link"), event.link);
    write(json.key("peer"), event.peer);
    write(json.key("server"), frame.server);
    json.field("reason", event.reason).end_object();
    return json.take();
}

std::string to_json(EventFrame const& frame, AccountStat const& stat) {
    JsonWriter json = begin(frame, kConnections);
    write(json.key("server"), frame.server);
    write_fields(json, stat);
    json.end_object();
    return json.take();
}

std::string to_json(ServerInfo const& server) {
    JsonWriter json;
    write(json, server);
    return json.take();
}

}  // namespace signalbox::event
