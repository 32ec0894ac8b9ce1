#include "engine/monitor/gatewayz.h"

#include "engine/base/duration_text.h"
#include "engine/base/text.h"

#include <chrono>
#include <map>
#include <vector>

namespace signalbox::monitor {
namespace {

double in_seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

void write_accounts(JsonWriter& json, GatewayFacts const& facts, GatewayzQuery const& query) {
    json.key("accounts").begin_array();
    for (GatewayFacts::Account const& account : facts.accounts) {
        if (!query.account.empty() && account.name != query.account) {
            continue;
        }
        json.begin_object().field("name", account.name).field("interest_mode", "Interest-Only");
        json.field_unless_empty("num_subs", account.plain);
        json.field_unless_empty("num_queue_subs", account.queues).end_object();
    }
    json.end_array();
}

void write_one(JsonWriter& json, GatewayFacts const& facts, GatewayzQuery const& query,
               WallTime now) {
    json.begin_object().field("configured", facts.configured);
    json.key("connection").begin_object().field("cid", facts.gid);
    json.field("kind", "Gateway").field("ip", facts.ip).field("port", facts.port);
    json.field("start", facts.start).field("last_activity", facts.last_activity);
    if (facts.rtt.count() > 0) {
        json.field("rtt", base::duration_text(facts.rtt));
    }
    json.field("uptime", base::uptime_text(now - facts.start));
    json.field("idle", base::uptime_text(now - facts.last_activity));
    json.field("pending_bytes", facts.pending_bytes);
    json.field("in_msgs", facts.in_msgs).field("out_msgs", facts.out_msgs);
    json.field("in_bytes", facts.in_bytes).field("out_bytes", facts.out_bytes);
    json.field("subscriptions", facts.subscriptions).field("name", facts.server_id).end_object();
    if (query.accounts && facts.outbound) {
        write_accounts(json, facts, query);
    }
    json.end_object();
}

}  // namespace

Result<GatewayzQuery> read_gatewayz_query(Query const& query) {
    if (!base::equal_ignoring_case(query.text("subs"), "detail")) {
        TRY(query.boolean("subs"));
    }
    bool const accounts = TRY(query.boolean("accs"));
    GatewayzQuery asked{
        .name = query.text("gw_name"), .accounts = accounts, .account = query.text("acc_name")};
    asked.accounts = asked.accounts || !asked.account.empty();
    return asked;
}

GatewayzQuery read_gatewayz_query(RequestFields& fields) {
    GatewayzQuery asked{.name = fields.text("name"),
                        .accounts = fields.boolean("accounts"),
                        .account = fields.text("account_name")};
    (void)fields.boolean("subscriptions");
    (void)fields.boolean("subscriptions_detail");
    asked.accounts = asked.accounts || !asked.account.empty();
    return asked;
}

Answer gatewayz(MonitorSource const& source, GatewayzQuery const& query, WallTime now,
                Layout layout) {
    ServerFacts const server = source.server();
    GatewaySideFacts const side = source.gateway_side();
    std::map<std::string, std::vector<GatewayFacts>> inbound;
    JsonWriter json(indent_of(layout));
    json.begin_object().field("server_id", server.id).field("now", now);
    if (!side.name.empty()) {
        json.field("name", side.name).field("host", side.host).field("port", side.port);
    }
    json.key("outbound_gateways").begin_object();
    source.visit_gateways([&](GatewayFacts const& facts) {
        if (!query.name.empty() && facts.name != query.name) {
            return;
        }
        if (facts.outbound) {
            json.key(facts.name);
            write_one(json, facts, query, now);
        } else {
            inbound[facts.name].push_back(facts);
        }
    });
    json.end_object().key("inbound_gateways").begin_object();
    for (auto const& [name, connections] : inbound) {
        json.key(name).begin_array();
        for (GatewayFacts const& facts : connections) {
            write_one(json, facts, query, now);
        }
        json.end_array();
    }
    json.end_object().end_object();
    return answer_whole(json.take());
}

void write_gateway(JsonWriter& json, MonitorSource const& source) {
    ServerFacts const server = source.server();
    config::GatewayOptions const& gateway = server.options->gateway;
    GatewaySideFacts const side = source.gateway_side();
    json.key("gateway").begin_object();
    if (!side.name.empty()) {
        json.field("name", side.name).field("host", side.host).field("port", side.port);
        json.field("auth_timeout", in_seconds(gateway.login.timeout));
        json.field("tls_timeout",
                   in_seconds(gateway.tls ? gateway.tls->timeout : config::TlsOptions{}.timeout));
        json.field_unless_empty("tls_required", gateway.tls.has_value());
        json.field_unless_empty("tls_verify", gateway.tls && gateway.tls->verify);
        json.field_unless_empty("advertise", gateway.advertise);
        json.field_unless_empty("connect_retries", gateway.connect_retries);
        if (!gateway.gateways.empty()) {
            json.key("gateways").begin_array();
            for (config::RemoteGatewayOptions const& remote : gateway.gateways) {
                json.begin_object().field("name", remote.name).key("urls").begin_array();
                for (config::ServerUrl const& url : remote.urls) {
                    json.value(url.authority());
                }
                json.end_array().end_object();
            }
            json.end_array();
        }
        json.field_unless_empty("reject_unknown", gateway.reject_unknown);
    }
    json.end_object();
}

}  // namespace signalbox::monitor
