#include "engine/monitor/routez.h"

#include "engine/base/duration_text.h"
#include "engine/base/json_writer.h"
#include "engine/base/text.h"
#include "engine/monitor/subscription_json.h"

namespace signalbox::monitor {
namespace {

void write_texts(JsonWriter& json, std::string_view name, std::vector<std::string> const& texts) {
    if (texts.empty()) {
        return;
    }
    json.key(name).begin_array();
    for (std::string const& text : texts) {
        json.value(text);
    }
    json.end_array();
}

void write_subscriptions(JsonWriter& json, MonitorSource const& source, RouteFacts const& route,
                         ShowSubscriptions show) {
    if (show == ShowSubscriptions::No || route.subscriptions == 0) {
        return;
    }
    bool const detail = show == ShowSubscriptions::Detail;
    json.key(detail ? "subscriptions_list_detail" : "subscriptions_list").begin_array();
    source.visit_route_subscriptions(route.rid, [&](SubscriptionFacts const& subscription) {
        if (detail) {
            write_subscription(json, subscription, ShowAccount::Yes);
        } else {
            json.value(subscription.subject);
        }
        return true;
    });
    json.end_array();
}

void write_route(JsonWriter& json, MonitorSource const& source, RouteFacts const& route,
                 ShowSubscriptions show, WallTime now) {
    json.begin_object().field("rid", route.rid).field("remote_id", route.remote_id);
    json.field("remote_name", route.remote_name).field("did_solicit", route.dialled);
    json.field("is_configured", route.configured).field("ip", route.ip).field("port", route.port);
    json.field("start", route.start).field("last_activity", route.last_activity);
    if (route.rtt.count() > 0) {
        json.field("rtt", base::duration_text(route.rtt));
    }
    json.field("uptime", base::uptime_text(now - route.start));
    json.field("idle", base::uptime_text(now - route.last_activity));
    write_rules(json, "import", route.imports);
    write_rules(json, "export", route.exports);
    json.field("pending_size", route.pending_bytes);
    json.field("in_msgs", route.in_msgs).field("out_msgs", route.out_msgs);
    json.field("in_bytes", route.in_bytes).field("out_bytes", route.out_bytes);
    json.field("subscriptions", route.subscriptions);
    write_subscriptions(json, source, route, show);
    json.field_unless_empty("account", route.account);
    json.field_unless_empty("compression", route.compression);
    json.end_object();
}

}  // namespace

Result<ShowSubscriptions> read_show_subscriptions(Query const& query) {
    if (base::equal_ignoring_case(query.text("subs"), "detail")) {
        return ShowSubscriptions::Detail;
    }
    return TRY(query.boolean("subs")) ? ShowSubscriptions::Subjects : ShowSubscriptions::No;
}

ShowSubscriptions read_show_subscriptions(RequestFields& fields) {
    bool const filters = fields.boolean("subscriptions");
    return fields.boolean("subscriptions_detail") ? ShowSubscriptions::Detail
           : filters                              ? ShowSubscriptions::Subjects
                                                  : ShowSubscriptions::No;
}

void write_rules(JsonWriter& json, std::string_view name,
                 std::optional<permission::SubjectRules> const& rules) {
    if (!rules) {
        return;
    }
    json.key(name).begin_object();
    write_texts(json, "allow", rules->allow);
    write_texts(json, "deny", rules->deny);
    json.end_object();
}

Answer routez(MonitorSource const& source, ShowSubscriptions show, WallTime now, Layout layout) {
    ServerFacts const server = source.server();
    std::uint64_t count = 0;
    source.visit_routes([&](RouteFacts const&) { ++count; });
    JsonWriter json(indent_of(layout));
    json.begin_object().field("server_id", server.id).field("server_name", server.name);
    json.field("now", now);
    write_rules(json, "import", server.options->cluster.imports);
    write_rules(json, "export", server.options->cluster.exports);
    json.field("num_routes", count).key("routes").begin_array();
    source.visit_routes(
        [&](RouteFacts const& route) { write_route(json, source, route, show, now); });
    json.end_array().end_object();
    return answer_whole(json.take());
}

}  // namespace signalbox::monitor
