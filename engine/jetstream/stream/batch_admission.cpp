#include "engine/jetstream/stream/batch_admission.h"

#include "engine/base/json_reader.h"
#include "engine/base/text.h"
#include "engine/jetstream/stream/admission.h"
#include "engine/jetstream/stream/decimal.h"

#include <utility>
#include <variant>

namespace signalbox::jetstream {

std::optional<std::string> counter_total(Bytes payload) {
    Result<Json> const json = Json::parse(payload);
    Json const* const value = json.ok() ? json.value().find("val") : nullptr;
    auto const* text = value == nullptr ? nullptr : value->as_text();
    return text != nullptr && is_decimal(*text) ? std::optional(*text) : std::nullopt;
}

Outcome BatchAdmission::judge() {
    if (!state_.config.allow_atomic) {
        return Outcome::refusal(api_error(ApiErrc::AtomicPublishDisabled));
    }
    for (std::size_t at = 0; at < batch_.messages.size(); ++at) {
        PublishHeaders const headers = PublishHeaders::of(batch_.messages[at].headers);
        Outcome outcome = judge_one(at, headers);
        if (outcome.refused || outcome.waits_for) {
            return outcome;
        }
        subjects_.emplace(batch_.messages[at].subject);
    }
    if (auto refusal = lack_of_room()) {
        return Outcome::refusal(std::move(*refusal));
    }
    return {};
}

Outcome BatchAdmission::judge_one(std::size_t at, PublishHeaders const& headers) {
    PublishCommand const& message = batch_.messages[at];
    if (headers.message_id) {
        bool const seen = state_.config.duplicate_window > Duration{0} &&
                          state_.seen.find(*headers.message_id).has_value();
        if (seen || !ids_.emplace(*headers.message_id).second) {
            return Outcome::refusal(api_error(ApiErrc::AtomicPublishContainsDuplicateMessage));
        }
    }
    if (auto refusal = contradiction(at, headers)) {
        return Outcome::refusal(std::move(*refusal));
    }
    if (auto refusal = Admission(state_, message, headers).refusal()) {
        return Outcome::refusal(std::move(*refusal));
    }
    if (headers.increment) {
        return judge_counter(message, headers);
    }
    payloads_.emplace_back();
    return {};
}

/// What holds for a message alone may not hold any more once those before it are stored.
std::optional<ApiError> BatchAdmission::contradiction(std::size_t at,
                                                      PublishHeaders const& headers) const {
    if (headers.expected_last_sequence && at > 0) {
        return api_error(ApiErrc::StreamWrongLastSequenceConstant);
    }
    bool const again = subjects_.find(batch_.messages[at].subject) != subjects_.end();
    if (headers.expected_subject_sequence && again) {
        return api_error(ApiErrc::StreamWrongLastSequenceConstant);
    }
    bool const all = headers.rollup && base::equal_ignoring_case(*headers.rollup, "all");
    if (headers.rollup && (all ? at > 0 : again)) {
        return api_error(ApiErrc::StreamRollupFailed, "batch rollup not allowed");
    }
    return std::nullopt;
}

Outcome BatchAdmission::judge_counter(PublishCommand const& message,
                                      PublishHeaders const& headers) {
    std::string const subject(message.subject);
    auto found = totals_.find(subject);
    if (found == totals_.end()) {
        std::string total = "0";
        Result<store::Load> const load = state_.store.load_last(subject);
        if (load.ok()) {
            if (auto const* fetching = std::get_if<store::Fetching>(&load.value())) {
                return Outcome::waiting(fetching->ticket);
            }
            if (auto const* last = std::get_if<store::Found>(&load.value())) {
                auto const held = counter_total(last->message.payload);
                if (!held) {
                    return Outcome::refusal(api_error(ApiErrc::MessageCounterBroken));
                }
                total = *held;
            }
        }
        found = totals_.emplace(subject, total).first;
    }
    found->second = add_decimals(found->second, *headers.increment);
    payloads_.push_back(concat("{\"val\":\"", found->second, "\"}"));
    return {};
}

std::optional<ApiError> BatchAdmission::lack_of_room() const {
    StreamConfig const& config = state_.config;
    if (config.discard != Discard::New) {
        return std::nullopt;
    }
    store::StoreState const& state = state_.store.state();
    std::uint64_t bytes = state.bytes;
    for (PublishCommand const& message : batch_.messages) {
        bytes += counted_size({.sequence = 0,
                               .time = {},
                               .subject = message.subject,
                               .headers = message.headers,
                               .payload = message.payload},
                              state_.medium());
    }
    if (config.max_messages > 0 &&
        state.messages + batch_.messages.size() > static_cast<std::uint64_t>(config.max_messages)) {
        return api_error(ApiErrc::StreamStoreFailed, "maximum messages exceeded");
    }
    if (config.max_bytes > 0 && bytes > static_cast<std::uint64_t>(config.max_bytes)) {
        return api_error(ApiErrc::StreamStoreFailed, "maximum bytes exceeded");
    }
    return std::nullopt;
}

}  // namespace signalbox::jetstream
