#include "engine/event/server_info.h"

namespace signalbox::event {

void write(JsonWriter& json, ServerInfo const& server) {
    json.begin_object();
    json.field("name", server.name).field("host", server.host).field("id", server.id);
    json.field_unless_empty("cluster", server.cluster).field("ver", server.version);
    if (!server.tags.empty()) {
        json.key("tags").begin_array();
        for (std::string const& tag : server.tags) {
            json.value(tag);
        }
        json.end_array();
    }
    if (!server.metadata.empty()) {
        json.key("metadata").begin_object();
        for (auto const& [name, value] : server.metadata) {
            json.field(name, value);
        }
        json.end_object();
    }
    // What it can do beside the protocol: nothing of what has a bit.
    json.field("jetstream", false).field("flags", 0);
    json.field("seq", server.sequence).field("time", server.time).end_object();
}

}  // namespace signalbox::event
