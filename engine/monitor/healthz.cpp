#include "engine/monitor/healthz.h"

#include "engine/base/json_writer.h"
#include "engine/base/text.h"
#include "engine/jetstream/consumer/consumers.h"
#include "engine/jetstream/jetstream.h"

#include <array>
#include <optional>

namespace signalbox::monitor {
namespace {

struct Asked {
    bool details = false;
    bool server_only = false;  ///< JetStream is not looked at.
    std::string account;
    std::string stream;
    std::string consumer;
};

struct Ailment {
    int status;
    std::string_view type;
    std::string text;
    std::string_view word = "error";  ///< The status, where details are not asked for.
};

constexpr std::array<std::string_view, 5> kSwitches{"js-enabled", "js-enabled-only",
                                                    "js-server-only", "js-meta-only", "details"};

std::string must_not_be_empty(std::string_view option, std::string_view checked) {
    return concat('"', option, "\" must not be empty when checking ", checked, " health");
}

/// What was asked for by name and is not there.
std::optional<Ailment> examine_named(jetstream::JetStream const& streams, Asked const& asked) {
    auto const missing = [](std::string_view type, std::string text) {
        return Ailment{404, type, std::move(text), "unavailable"};
    };
    jetstream::AccountStreams const* const account = streams.find(asked.account);
    if (account == nullptr) {
        return missing("ACCOUNT",
                       concat("JetStream account ", base::quoted(asked.account), " not found"));
    }
    if (asked.stream.empty()) {
        return std::nullopt;
    }
    jetstream::Stream const* const stream = account->find(asked.stream);
    if (stream == nullptr) {
        return missing("STREAM", concat("JetStream stream ", base::quoted(asked.stream),
                                        " not found on account ", base::quoted(asked.account)));
    }
    auto* const consumers = static_cast<jetstream::Consumers*>(stream->consumers());
    if (!asked.consumer.empty() &&
        (consumers == nullptr || consumers->find(asked.consumer) == nullptr)) {
        return missing("CONSUMER", concat("JetStream consumer ", base::quoted(asked.consumer),
                                          " not found for stream ", base::quoted(asked.stream),
                                          " on account ", base::quoted(asked.account)));
    }
    return std::nullopt;
}

/// Whether all that was kept can be used.
std::optional<Ailment> examine_streams(jetstream::JetStream const& streams, Asked const& asked) {
    if (!streams.started()) {
        return Ailment{503, "JETSTREAM", "JetStream is still recovering", "unavailable"};
    }
    consensus::StorageHealth const health = streams.health();
    if (!health.failure.empty()) {
        return Ailment{503, "JETSTREAM", concat("JetStream can not write: ", health.failure),
                       "unavailable"};
    }
    return asked.account.empty() ? std::nullopt : examine_named(streams, asked);
}

/// None: it is well.
std::optional<Ailment> examine(MonitorSource const& source, Asked const& asked) {
    if (!asked.stream.empty() && asked.account.empty()) {
        return Ailment{400, "BAD_REQUEST", must_not_be_empty("account", "stream")};
    }
    if (asked.stream.empty() && !asked.consumer.empty()) {
        return Ailment{400, "BAD_REQUEST", must_not_be_empty("stream", "consumer")};
    }
    if (std::string const missing = source.not_ready(); !missing.empty()) {
        return Ailment{500, "CONNECTION",
                       concat("failed to be ready for connections after 1ms: ", missing)};
    }
    jetstream::JetStream const* const streams = source.streams();
    return streams == nullptr || asked.server_only ? std::nullopt
                                                   : examine_streams(*streams, asked);
}

enum class ShowStatus {
    No,
    Yes
};

Answer tell(std::optional<Ailment> const& ailment, Asked const& asked, ShowStatus show) {
    bool const details = asked.details;
    int const status = ailment ? ailment->status : 200;
    JsonWriter json;
    json.begin_object().field("status", !ailment  ? std::string_view("ok")
                                        : details ? std::string_view("error")
                                                  : ailment->word);
    if (show == ShowStatus::Yes) {
        json.field("status_code", status);
    }
    if (ailment && details) {
        json.key("errors").begin_array().begin_object();
        json.field("type", ailment->type);
        // A question that is none is not told of any account.
        if (ailment->status != 400) {
            json.field_unless_empty("account", asked.account);
            json.field_unless_empty("stream", asked.stream);
            json.field_unless_empty("consumer", asked.consumer);
        }
        json.field("error", ailment->text);
        json.end_object().end_array();
    } else if (ailment) {
        json.field("error", ailment->text);
    }
    json.end_object();
    Answer answer = answer_whole(json.take());
    answer.status = status;
    return answer;
}

}  // namespace

Answer healthz(MonitorSource const& source, Query const& query) {
    for (std::string_view const name : kSwitches) {
        auto const value = query.boolean(name);
        if (!value.ok()) {
            return refusal(400, value.error().detail());
        }
    }
    Asked const asked{.details = query.boolean("details").value(),
                      .server_only = query.boolean("js-server-only").value() ||
                                     query.boolean("js-enabled-only").value() ||
                                     query.boolean("js-enabled").value(),
                      .account = query.text("account"),
                      .stream = query.text("stream"),
                      .consumer = query.text("consumer")};
    return tell(examine(source, asked), asked, ShowStatus::No);
}

Result<Answer> healthz(MonitorSource const& source, RequestFields& fields) {
    for (std::string_view const name : kSwitches) {
        fields.boolean(name);
    }
    bool const enabled_only = fields.boolean("js-enabled-only") || fields.boolean("js-enabled");
    Asked const asked{.details = fields.boolean("details"),
                      .server_only = fields.boolean("js-server-only") || enabled_only,
                      .account = fields.text("account"),
                      .stream = fields.text("stream"),
                      .consumer = fields.text("consumer")};
    TRY(fields.check());
    return tell(examine(source, asked), asked, ShowStatus::Yes);
}

}  // namespace signalbox::monitor
