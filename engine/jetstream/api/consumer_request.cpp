#include "engine/jetstream/api/consumer_request.h"

#include "engine/base/text.h"

namespace signalbox::jetstream {
namespace {

Result<ConsumerAction> action_of(Json const& json) {
    std::string const* const text = json.as_text();
    if (text == nullptr || text->empty()) {
        return ConsumerAction::Either;
    }
    if (*text == "create") {
        return ConsumerAction::Create;
    }
    if (*text == "update") {
        return ConsumerAction::Update;
    }
    return Error(Errc::Malformed, concat("unknown consumer action: ", base::quoted(*text)));
}

Refusal reconcile_unnamed(ConsumerConfig const& config) {
    if (!config.durable_name.empty()) {
        return api_error(ApiErrc::ConsumerEphemeralWithDurableName);
    }
    if (!config.name.empty() && !is_valid_name(config.name)) {
        return api_error(ApiErrc::StreamInvalidConfig, "consumer name is invalid");
    }
    return {};
}

Refusal reconcile_filter(ConsumerConfig const& config, std::string_view filter) {
    if (filter.empty()) {
        return {};
    }
    if (!config.filter_subjects.empty()) {
        return api_error(ApiErrc::ConsumerMultipleFiltersNotAllowed);
    }
    if (config.filter_subject != filter) {
        return api_error(ApiErrc::ConsumerCreateFilterSubjectMismatch);
    }
    return {};
}

}  // namespace

Result<ConsumerRequest> read_consumer_request(Json const& json, UnknownFields unknown) {
    ConsumerRequest request;
    Json::Object const* const object = json.as_object();
    if (object == nullptr) {
        return Error(Errc::Malformed,
                     "json: cannot unmarshal array into Go value of type "
                     "server.CreateConsumerRequest");
    }
    for (auto const& [name, value] : *object) {
        if (base::equal_ignoring_case(name, "stream_name")) {
            request.stream = value.as_text() == nullptr ? std::string() : *value.as_text();
        } else if (base::equal_ignoring_case(name, "config")) {
            request.config = TRY(read_consumer_config(value, unknown));
        } else if (base::equal_ignoring_case(name, "action")) {
            request.action = TRY(action_of(value));
        } else if (base::equal_ignoring_case(name, "pedantic")) {
            request.pedantic = value.as_bool() != nullptr && *value.as_bool();
        } else if (unknown == UnknownFields::Refuse) {
            return Error(Errc::Malformed, concat("json: unknown field ", base::quoted(name)));
        }
    }
    return request;
}

Refusal reconcile(ConsumerRequest& request, ConsumerSubject const& subject) {
    ConsumerConfig& config = request.config;
    if (request.stream != subject.stream) {
        return api_error(ApiErrc::StreamMismatch);
    }
    if (subject.consumer.empty()) {
        return reconcile_unnamed(config);
    }
    if (subject.durable && config.durable_name.empty()) {
        return api_error(ApiErrc::ConsumerDurableNameNotSet);
    }
    if (!config.durable_name.empty() && config.durable_name != subject.consumer) {
        return api_error(ApiErrc::ConsumerDurableNameNotMatchSubject);
    }
    if (subject.consumer.find_first_of("/\\") != std::string_view::npos) {
        return api_error(ApiErrc::ConsumerNameContainsPathSeparators);
    }
    config.name = subject.consumer;
    return reconcile_filter(config, subject.filter);
}

}  // namespace signalbox::jetstream
