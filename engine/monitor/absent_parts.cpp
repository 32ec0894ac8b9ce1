#include "engine/monitor/absent_parts.h"

#include "engine/base/json_writer.h"

namespace signalbox::monitor {

Answer jsz(MonitorSource const& source, WallTime now, Layout layout) {
    JsonWriter json(indent_of(layout));
    json.begin_object();
    for (char const* name :
         {"memory", "storage", "reserved_memory", "reserved_storage", "accounts", "ha_assets"}) {
        json.field(name, 0);
    }
    json.key("api").begin_object().field("level", 0).field("total", 0).field("errors", 0);
    json.end_object().field("server_id", source.server().id).field("now", now);
    json.field("disabled", true).key("config").begin_object();
    json.field("max_memory", 0).field("max_storage", 0).end_object();
    for (char const* name : {"streams", "consumers", "messages", "bytes", "total"}) {
        json.field(name, 0);
    }
    json.end_object();
    return answer_whole(json.take());
}

Result<void> check_jsz(Query const& query) {
    for (char const* name : {"accounts", "streams", "consumers", "direct-consumers", "config",
                             "leader-only", "raft", "stream-leader-only"}) {
        TRY(query.boolean(name));
    }
    TRY(query.integer("offset"));
    TRY(query.integer("limit"));
    return {};
}

Result<void> check_ipqueuesz(Query const& query) {
    TRY(query.boolean("all"));
    return {};
}

}  // namespace signalbox::monitor
