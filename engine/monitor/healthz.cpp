#include "engine/monitor/healthz.h"

#include "engine/base/json_writer.h"

namespace signalbox::monitor {
namespace {

struct Ailment {
    int status;
    std::string_view type;
    std::string text;
};

Answer unhealthy(Ailment const& ailment, bool details) {
    JsonWriter json;
    json.begin_object().field("status", "error");
    if (details) {
        json.key("errors").begin_array().begin_object();
        json.field("type", ailment.type).field("error", ailment.text);
        json.end_object().end_array();
    } else {
        json.field("error", ailment.text);
    }
    json.end_object();
    return {.status = ailment.status, .text = json.take()};
}

std::string must_not_be_empty(std::string_view option, std::string_view checked) {
    return concat('"', option, "\" must not be empty when checking ", checked, " health");
}

}  // namespace

Answer healthz(MonitorSource const& source, Query const& query) {
    for (std::string_view const name :
         {"js-enabled", "js-enabled-only", "js-server-only", "js-meta-only", "details"}) {
        auto const value = query.boolean(name);
        if (!value.ok()) {
            return refusal(400, value.error().detail());
        }
    }
    bool const details = query.boolean("details").value();
    bool const has_account = !query.text("account").empty();
    bool const has_stream = !query.text("stream").empty();
    if (has_stream && !has_account) {
        return unhealthy({400, "BAD_REQUEST", must_not_be_empty("account", "stream")}, details);
    }
    if (!has_stream && !query.text("consumer").empty()) {
        return unhealthy({400, "BAD_REQUEST", must_not_be_empty("stream", "consumer")}, details);
    }
    if (std::string const missing = source.not_ready(); !missing.empty()) {
        return unhealthy(
            {500, "CONNECTION", concat("failed to be ready for connections after 1ms: ", missing)},
            details);
    }
    return {.text = R"({"status":"ok"})"};
}

}  // namespace signalbox::monitor
