#include "engine/monitor/healthz.h"

#include "engine/base/json_writer.h"

#include <array>
#include <optional>

namespace signalbox::monitor {
namespace {

/// What is asked, as far as it can be answered without JetStream.
struct Asked {
    bool details = false;
    bool account = false;
    bool stream = false;
    bool consumer = false;
};

struct Ailment {
    int status;
    std::string_view type;
    std::string text;
};

constexpr std::array<std::string_view, 5> kSwitches{"js-enabled", "js-enabled-only",
                                                    "js-server-only", "js-meta-only", "details"};

std::string must_not_be_empty(std::string_view option, std::string_view checked) {
    return concat('"', option, "\" must not be empty when checking ", checked, " health");
}

/// None: it is well.
std::optional<Ailment> examine(MonitorSource const& source, Asked const& asked) {
    if (asked.stream && !asked.account) {
        return Ailment{400, "BAD_REQUEST", must_not_be_empty("account", "stream")};
    }
    if (!asked.stream && asked.consumer) {
        return Ailment{400, "BAD_REQUEST", must_not_be_empty("stream", "consumer")};
    }
    if (std::string const missing = source.not_ready(); !missing.empty()) {
        return Ailment{500, "CONNECTION",
                       concat("failed to be ready for connections after 1ms: ", missing)};
    }
    return std::nullopt;
}

enum class ShowStatus {
    No,
    Yes
};

Answer tell(std::optional<Ailment> const& ailment, bool details, ShowStatus show) {
    int const status = ailment ? ailment->status : 200;
    JsonWriter json;
    json.begin_object().field("status", ailment ? "error" : "ok");
    if (show == ShowStatus::Yes) {
        json.field("status_code", status);
    }
    if (ailment && details) {
        json.key("errors").begin_array().begin_object();
        json.field("type", ailment->type).field("error", ailment->text);
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
                      .account = !query.text("account").empty(),
                      .stream = !query.text("stream").empty(),
                      .consumer = !query.text("consumer").empty()};
    return tell(examine(source, asked), asked.details, ShowStatus::No);
}

Result<Answer> healthz(MonitorSource const& source, RequestFields& fields) {
    for (std::string_view const name : kSwitches) {
        fields.boolean(name);
    }
    Asked const asked{.details = fields.boolean("details"),
                      .account = !fields.text("account").empty(),
                      .stream = !fields.text("stream").empty(),
                      .consumer = !fields.text("consumer").empty()};
    TRY(fields.check());
    return tell(examine(source, asked), asked.details, ShowStatus::Yes);
}

}  // namespace signalbox::monitor
