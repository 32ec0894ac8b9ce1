#include "engine/jetstream/stream/publish_ack.h"

#include "engine/base/text.h"

namespace signalbox::jetstream {

std::string publish_ack(std::string_view stream, std::string_view domain, Outcome const& outcome) {
    if (outcome.refused) {
        return publish_refusal(stream, domain, *outcome.refused);
    }
    std::string ack = concat("{\"stream\":\"", stream, "\",");
    if (!domain.empty()) {
        append(ack, "\"domain\":\"", domain, "\",");
    }
    append(ack, "\"seq\":", outcome.sequence);
    if (outcome.duplicate) {
        // The blank is what servers send.
        ack += ",\"duplicate\": true";
    }
    if (!outcome.value.empty()) {
        append(ack, ",\"val\":\"", outcome.value, "\"");
    }
    if (!outcome.batch.empty()) {
        append(ack, ",\"batch\":\"", outcome.batch, "\",\"count\":", outcome.count);
    }
    ack += '}';
    return ack;
}

std::string publish_refusal(std::string_view stream, std::string_view domain,
                            ApiError const& error) {
    JsonWriter json;
    json.begin_object().key("error");
    error.write(json);
    json.field("stream", stream).field_unless_empty("domain", domain).field("seq", 0).end_object();
    return json.take();
}

}  // namespace signalbox::jetstream
