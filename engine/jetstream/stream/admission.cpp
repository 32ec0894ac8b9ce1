#include "engine/jetstream/stream/admission.h"

#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/jetstream/stream/decimal.h"
#include "engine/jetstream/stream/schedule.h"
#include "engine/subject/subject.h"

namespace signalbox::jetstream {
namespace {

constexpr std::size_t kMostHeaders = 65'535;

std::size_t size_of(PublishCommand const& message) {
    return message.headers.size() + message.payload.size();
}

}  // namespace

bool Admission::rolls_up_all() const {
    return headers_.rollup && base::equal_ignoring_case(*headers_.rollup, "all");
}

bool Admission::rolls_up_subject() const {
    return (headers_.rollup && base::equal_ignoring_case(*headers_.rollup, "sub")) ||
           headers_.schedule.has_value();
}

std::optional<std::uint64_t> Admission::duplicate() const {
    bool const looks = headers_.message_id && state_.config.duplicate_window > Duration{0};
    return looks ? state_.seen.find(*headers_.message_id) : std::nullopt;
}

Admission::Refusal Admission::refusal() const {
    if (state_.config.sealed) {
        return api_error(ApiErrc::StreamSealed);
    }
    if (Refusal refusal = size()) {
        return refusal;
    }
    if (Refusal refusal = counter()) {
        return refusal;
    }
    if (Refusal refusal = expectations()) {
        return refusal;
    }
    if (Refusal refusal = check_schedule(state_.config, message_, headers_)) {
        return refusal;
    }
    if (headers_.source) {
        return api_error(ApiErrc::MessageSourceHdrNotAllowed);
    }
    if (duplicate()) {
        return std::nullopt;
    }
    return after_duplicates();
}

Admission::Refusal Admission::counter() const {
    if (!headers_.increment) {
        return std::nullopt;
    }
    if (!state_.config.counter) {
        return api_error(ApiErrc::MessageIncrDisabled);
    }
    if (!message_.payload.empty()) {
        return api_error(ApiErrc::MessageIncrPayload);
    }
    if (!is_decimal(*headers_.increment) || headers_.rollup || headers_.is_expecting()) {
        return api_error(ApiErrc::MessageIncrInvalid);
    }
    return std::nullopt;
}

Admission::Refusal Admission::expectations() const {
    if (headers_.expected_stream && *headers_.expected_stream != state_.config.name) {
        return api_error(ApiErrc::StreamNotMatch);
    }
    if (headers_.ttl && !state_.config.allow_ttl) {
        return api_error(ApiErrc::MessageTTLDisabled);
    }
    if (Refusal refusal = expected_subject()) {
        return refusal;
    }
    std::uint64_t const last = state_.store.state().last;
    if (headers_.expected_last_sequence &&
        base::parse_uint(*headers_.expected_last_sequence) != last) {
        return api_error(ApiErrc::StreamWrongLastSequence, std::to_string(last));
    }
    return std::nullopt;
}

Admission::Refusal Admission::expected_subject() const {
    if (!headers_.expected_subject_sequence) {
        return headers_.expected_subject
                   ? Refusal(api_error(ApiErrc::StreamExpectedLastSeqPerSubjectInvalid))
                   : std::nullopt;
    }
    std::string_view const subject = headers_.expected_subject.value_or(message_.subject);
    std::uint64_t last = 0;
    if (auto const filter = subject::Filter::parse(subject);
        filter.ok() && filter.value().has_wildcard()) {
        last = state_.store.totals(store::Filters(&filter.value(), 1)).last;
    } else if (auto const found = state_.store.subject_state(subject)) {
        last = found->last;
    }
    if (base::parse_uint(*headers_.expected_subject_sequence) != last) {
        return api_error(ApiErrc::StreamWrongLastSequence, std::to_string(last));
    }
    return std::nullopt;
}

Admission::Refusal Admission::after_duplicates() const {
    if (headers_.expected_last_id && *headers_.expected_last_id != state_.last_id) {
        return api_error(ApiErrc::StreamWrongLastMsgID, state_.last_id);
    }
    if (headers_.rollup) {
        if (!state_.config.allow_rollup || state_.config.deny_purge) {
            return api_error(ApiErrc::StreamRollupFailed, "rollup not permitted");
        }
        if (!rolls_up_all() && !base::equal_ignoring_case(*headers_.rollup, "sub")) {
            return api_error(ApiErrc::StreamRollupFailed,
                             concat("rollup value invalid: ", base::quoted(*headers_.rollup)));
        }
    }
    if (state_.config.counter && !headers_.increment) {
        return api_error(ApiErrc::MessageIncrMissing);
    }
    if (headers_.ttl && !parse_lifetime(*headers_.ttl)) {
        return api_error(ApiErrc::MessageTTLInvalid);
    }
    return room();
}

Admission::Refusal Admission::size() const {
    std::int64_t const most = state_.config.max_message_size;
    if (most >= 0 && size_of(message_) > static_cast<std::size_t>(most)) {
        return api_error(ApiErrc::StreamMessageExceedsMaximum);
    }
    if (message_.headers.size() > kMostHeaders) {
        return api_error(ApiErrc::StreamHeaderExceedsMaximum);
    }
    return std::nullopt;
}

/// A stream that discards what is new has to have room for it.
Admission::Refusal Admission::room() const {
    StreamConfig const& config = state_.config;
    if (config.discard != Discard::New) {
        return std::nullopt;
    }
    store::StoreState const& state = state_.store.state();
    bool replaces = rolls_up_all() || rolls_up_subject();
    if (config.max_messages_per_subject > 0) {
        auto const on_subject = state_.store.subject_state(message_.subject);
        bool const full =
            on_subject &&
            on_subject->messages >= static_cast<std::uint64_t>(config.max_messages_per_subject);
        if (full && config.discard_new_per_subject && !replaces) {
            return api_error(ApiErrc::StreamStoreFailed, "maximum messages per subject exceeded");
        }
        replaces = replaces || full;
    }
    if (config.max_messages > 0 && !replaces &&
        state.messages >= static_cast<std::uint64_t>(config.max_messages)) {
        return api_error(ApiErrc::StreamStoreFailed, "maximum messages exceeded");
    }
    store::StoredMessage const stored{
        .subject = message_.subject, .headers = message_.headers, .payload = message_.payload};
    if (config.max_bytes > 0 && state.bytes + counted_size(stored, state_.medium()) >
                                    static_cast<std::uint64_t>(config.max_bytes)) {
        return api_error(ApiErrc::StreamStoreFailed, "maximum bytes exceeded");
    }
    return std::nullopt;
}

}  // namespace signalbox::jetstream
