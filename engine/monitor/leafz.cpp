#include "engine/monitor/leafz.h"

#include "engine/base/duration_text.h"

#include <chrono>

namespace signalbox::monitor {
namespace {

double in_seconds(Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

void write_one(JsonWriter& json, MonitorSource const& source, LeafFacts const& leaf,
               LeafzQuery const& query) {
    json.begin_object().field("id", leaf.cid).field("name", leaf.name);
    json.field("is_spoke", leaf.is_spoke).field_unless_empty("is_isolated", leaf.is_isolated);
    json.field("account", leaf.account).field("ip", leaf.ip).field("port", leaf.port);
    json.field("rtt", leaf.rtt.count() > 0 ? base::duration_text(leaf.rtt) : std::string("0s"));
    json.field("in_msgs", leaf.in_msgs).field("out_msgs", leaf.out_msgs);
    json.field("in_bytes", leaf.in_bytes).field("out_bytes", leaf.out_bytes);
    json.field("subscriptions", leaf.subscriptions);
    if (query.subscriptions && leaf.subscriptions > 0) {
        json.key("subscriptions_list").begin_array();
        source.visit_leaf_subscriptions(leaf.cid, [&](SubscriptionFacts const& subscription) {
            json.value(subscription.subject);
            return true;
        });
        json.end_array();
    }
    json.field_unless_empty("compression", leaf.compression);
    if (!leaf.proxy_key.empty()) {
        json.key("proxy").begin_object().field("key", leaf.proxy_key).end_object();
    }
    json.end_object();
}

void write_texts(JsonWriter& json, std::string_view name, std::vector<std::string> const& texts) {
    if (!texts.empty()) {
        json.key(name).begin_array();
        for (std::string const& text : texts) {
            json.value(text);
        }
        json.end_array();
    }
}

void write_remote(JsonWriter& json, config::LeafRemoteOptions const& remote) {
    json.begin_object().field("local_account", remote.local_account());
    if (remote.tls) {
        json.field("tls_timeout", in_seconds(remote.tls->timeout));
    }
    json.key("urls").begin_array();
    for (config::ServerUrl const& url : remote.urls) {
        json.value(url.authority());
    }
    json.end_array();
    if (!remote.deny_imports.empty() || !remote.deny_exports.empty()) {
        json.key("deny").begin_object();
        write_texts(json, "exports", remote.deny_exports);
        write_texts(json, "imports", remote.deny_imports);
        json.end_object();
    }
    json.end_object();
}

}  // namespace

Result<LeafzQuery> read_leafz_query(Query const& query) {
    bool const subscriptions = TRY(query.boolean("subs"));
    return LeafzQuery{.subscriptions = subscriptions, .account = std::string(query.text("acc"))};
}

LeafzQuery read_leafz_query(RequestFields& fields) {
    return {.subscriptions = fields.boolean("subscriptions"), .account = fields.text("account")};
}

Answer leafz(MonitorSource const& source, LeafzQuery const& query, WallTime now, Layout layout) {
    auto const is_asked_for = [&](LeafFacts const& leaf) {
        return query.account.empty() || leaf.account == query.account;
    };
    std::uint64_t count = 0;
    source.visit_leafs([&](LeafFacts const& leaf) { count += is_asked_for(leaf) ? 1 : 0; });
    JsonWriter json(indent_of(layout));
    json.begin_object().field("server_id", source.server().id).field("now", now);
    json.field("leafnodes", count).key("leafs").begin_array();
    source.visit_leafs([&](LeafFacts const& leaf) {
        if (is_asked_for(leaf)) {
            write_one(json, source, leaf, query);
        }
    });
    json.end_array().end_object();
    return answer_whole(json.take());
}

void write_leaf(JsonWriter& json, MonitorSource const& source) {
    ServerFacts const server = source.server();
    config::LeafOptions const& leaf = server.options->leaf;
    LeafSideFacts const facts = source.leaf_side();
    json.key("leaf").begin_object();
    if (facts.port != 0) {
        json.field("host", facts.host).field("port", facts.port);
        json.field("auth_timeout", in_seconds(leaf.authorization.timeout));
        json.field("tls_timeout",
                   in_seconds(leaf.tls ? leaf.tls->timeout : config::TlsOptions{}.timeout));
        json.field_unless_empty("tls_required", leaf.tls.has_value());
        json.field_unless_empty("tls_verify", leaf.tls && leaf.tls->verify);
    }
    if (!leaf.remotes.empty()) {
        json.key("remotes").begin_array();
        for (config::LeafRemoteOptions const& remote : leaf.remotes) {
            write_remote(json, remote);
        }
        json.end_array();
    }
    json.end_object();
}

}  // namespace signalbox::monitor
