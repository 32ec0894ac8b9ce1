#include "engine/event/client_info.h"

namespace signalbox::event {

void write(JsonWriter& json, ClientInfo const& client) {
    json.begin_object();
    if (client.start.is_set()) {
        json.field("start", client.start);
    }
    json.field_unless_empty("host", client.host).field_unless_empty("id", client.id);
    json.field_unless_empty("acc", client.account).field_unless_empty("svc", client.service);
    json.field_unless_empty("user", client.user);
    json.field_unless_empty("name", client.name).field_unless_empty("lang", client.lang);
    json.field_unless_empty("ver", client.version);
    json.field_unless_empty("rtt", client.rtt.count());
    json.field_unless_empty("server", client.server);
    if (client.stop.is_set()) {
        json.field("stop", client.stop);
    }
    json.field_unless_empty("jwt", client.jwt).field_unless_empty("issuer_key", client.issuer_key);
    json.field_unless_empty("name_tag", client.name_tag);
    if (!client.tags.empty()) {
        json.key("tags").begin_array();
        for (std::string const& tag : client.tags) {
            json.value(tag);
        }
        json.end_array();
    }
    json.field_unless_empty("kind", client.kind);
    json.field_unless_empty("client_type", client.client_type);
    json.end_object();
}

}  // namespace signalbox::event
