#include "engine/jetstream/stream/stream_core.h"

#include "engine/base/duration_text.h"
#include "engine/base/json_reader.h"
#include "engine/base/text.h"
#include "engine/jetstream/stream/admission.h"
#include "engine/jetstream/stream/batch_admission.h"
#include "engine/jetstream/stream/decimal.h"
#include "engine/jetstream/stream/open_batches.h"
#include "engine/jetstream/stream/removal.h"
#include "engine/protocol/headers.h"

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

namespace signalbox::jetstream {
namespace {

using store::FetchTicket;
using store::Found;
using store::Load;
using store::StoredMessage;

/// Of a state that `save` wrote.
constexpr std::uint64_t kStateVersion = 1;

std::string json_of(StreamConfig const& config) {
    JsonWriter json;
    write(json, config);
    return json.take();
}

}  // namespace

void StreamCore::tell(ConsumerPart* consumers, StoredListener* listener) {
    state_.consumers = consumers;
    state_.listener = listener;
}

void StreamCore::begin_new() {
    if (state_.config.first_sequence > 1) {
        (void)state_.store.compact(state_.config.first_sequence);
    }
}

void StreamCore::leave_out(std::uint64_t entries) {
    std::uint64_t const most_of_one = state_.config.allow_atomic ? BatchLimits().messages : 1;
    state_.store.skip(state_.store.state().last + entries * most_of_one);
}

Result<Outcome> StreamCore::apply(Bytes entry) {
    StreamEntry const read = TRY(decode_entry(entry));
    state_.now = std::max(state_.now, read.time);
    if (state_.config.duplicate_window > Duration{0}) {
        state_.seen.forget_before(
            WallTime(state_.now.since_epoch() - state_.config.duplicate_window));
    }
    return std::visit([this](auto const& command) { return apply(command); }, read.command);
}

Outcome StreamCore::apply(PublishCommand const& message) {
    PublishHeaders const headers = PublishHeaders::of(message.headers);
    Admission const admission(state_, message, headers);
    if (auto refusal = admission.refusal()) {
        return Outcome::refusal(std::move(*refusal));
    }
    if (auto const before = admission.duplicate()) {
        Outcome outcome;
        outcome.sequence = *before;
        outcome.duplicate = true;
        return outcome;
    }
    return headers.increment ? store_counter(message, headers) : store_plain(message, headers);
}

/// A lifetime that is shorter than that of markers is as long as theirs.
std::string StreamCore::settled_lifetime(PublishCommand const& message,
                                         PublishHeaders const& headers) const {
    Duration const least = state_.config.delete_marker_ttl;
    if (!headers.ttl || least == Duration{0} || state_.config.max_messages_per_subject == 1) {
        return {};
    }
    auto const lifetime = parse_lifetime(*headers.ttl);
    if (!lifetime || lifetime->endless || lifetime->length >= least) {
        return {};
    }
    return protocol::with_header(message.headers, kTtlHeader,
                                 std::to_string(least.count() / 1'000'000'000));
}

Outcome StreamCore::store_plain(PublishCommand const& message, PublishHeaders const& headers) {
    std::string const rewritten = settled_lifetime(message, headers);
    if (rewritten.empty()) {
        return append({message, headers, message.headers, message.payload});
    }
    return append({message, PublishHeaders::of(rewritten), rewritten, message.payload});
}

Outcome StreamCore::store_counter(PublishCommand const& message, PublishHeaders const& headers) {
    Result<Load> const load = state_.store.load_last(message.subject);
    std::string total = "0";
    if (load.ok()) {
        if (auto const* fetching = std::get_if<store::Fetching>(&load.value())) {
            return Outcome::waiting(fetching->ticket);
        }
        if (auto const* found = std::get_if<Found>(&load.value())) {
            auto const held = counter_total(found->message.payload);
            if (!held) {
                return Outcome::refusal(api_error(ApiErrc::MessageCounterBroken));
            }
            total = *held;
        }
    }
    total = add_decimals(total, *headers.increment);
    std::string const payload = concat("{\"val\":\"", total, "\"}");
    Outcome outcome = append({message, headers, message.headers, payload});
    outcome.value = std::move(total);
    return outcome;
}

Outcome StreamCore::append(Appended const& what) {
    StoredMessage const stored{.sequence = state_.store.state().last + 1,
                               .time = state_.now,
                               .subject = what.message.subject,
                               .headers = what.stored_headers,
                               .payload = what.stored_payload};
    Outcome outcome;
    outcome.sequence = stored.sequence;
    auto const subject = subject::PublishSubject::from_token(stored.subject);
    if (state_.keeps_by_interest() &&
        (state_.consumers == nullptr || !state_.consumers->is_wanted(subject))) {
        state_.store.skip(stored.sequence);
        remember(what.headers, stored.sequence);
        return outcome;
    }
    return append_stored(stored, what.headers);
}

void StreamCore::remember(PublishHeaders const& headers, std::uint64_t sequence) {
    state_.last_id = std::string(headers.message_id.value_or(std::string_view()));
    if (headers.message_id && state_.config.duplicate_window > Duration{0}) {
        state_.seen.remember(*headers.message_id, sequence, state_.now);
    }
}

Outcome StreamCore::append_stored(StoredMessage const& message, PublishHeaders const& headers) {
    std::uint64_t previous = 0;
    if (state_.listener != nullptr && state_.config.republish) {
        auto const before = state_.store.subject_state(message.subject);
        previous = before ? before->last : 0;
    }
    if (Result<void> const result = state_.store.append(message); !result.ok()) {
        return Outcome::refusal(api_error(ApiErrc::StreamStoreFailed, result.error().detail()));
    }
    if (headers.ttl && state_.config.allow_ttl) {
        if (auto const lifetime = parse_lifetime(*headers.ttl)) {
            state_.lifetimes.add(message.sequence, *lifetime, message.time);
        }
    }
    remember(headers, message.sequence);
    if (state_.consumers != nullptr) {
        state_.consumers->stored({.sequence = message.sequence,
                                  .subject = subject::PublishSubject::from_token(message.subject),
                                  .stored_at = message.time});
    }
    if (state_.listener != nullptr) {
        state_.listener->stored(message, previous);
    }
    Removal removal(state_);
    if (headers.rollup && base::equal_ignoring_case(*headers.rollup, "all")) {
        removal.before(message.sequence);
    } else if (headers.rollup || headers.schedule) {
        removal.oldest_of(message.subject, 1, message.sequence);
    }
    if (state_.config.max_messages_per_subject > 0) {
        removal.oldest_of(message.subject,
                          static_cast<std::uint64_t>(state_.config.max_messages_per_subject),
                          store::kLastSequence);
    }
    removal.enforce_limits();
    Outcome outcome;
    outcome.sequence = message.sequence;
    return outcome;
}

Outcome StreamCore::apply(BatchCommand const& batch) {
    BatchAdmission admission(state_, batch);
    Outcome outcome = admission.judge();
    if (outcome.refused || outcome.waits_for) {
        return outcome;
    }
    for (std::size_t at = 0; at < batch.messages.size(); ++at) {
        PublishCommand const& message = batch.messages[at];
        PublishHeaders const headers = PublishHeaders::of(message.headers);
        std::string const& total = admission.payload_of(at);
        Outcome const one = total.empty()
                                ? store_plain(message, headers)
                                : append({message, headers, message.headers, Bytes(total)});
        outcome.sequence = one.sequence;
        outcome.value = counter_total(total).value_or(std::string());
    }
    outcome.batch = std::string(batch.id);
    outcome.count = batch.messages.size();
    return outcome;
}

Outcome StreamCore::apply(EraseCommand const& erase) {
    if (state_.config.sealed) {
        return Outcome::refusal(api_error(ApiErrc::StreamSealed));
    }
    if (state_.config.deny_delete) {
        return Outcome::refusal(
            api_error(ApiErrc::StreamMsgDeleteFailed, "message delete not permitted"));
    }
    if (erase.sequence > state_.store.state().last) {
        return Outcome::refusal(api_error(ApiErrc::StreamMsgDeleteFailed, "stream store EOF"));
    }
    Result<Load> const load = state_.store.load(erase.sequence);
    if (!load.ok() || std::holds_alternative<store::NotFound>(load.value())) {
        return Outcome::refusal(api_error(ApiErrc::StreamMsgDeleteFailed, "no message found"));
    }
    if (auto const* fetching = std::get_if<store::Fetching>(&load.value())) {
        return Outcome::waiting(fetching->ticket);
    }
    std::string const subject(std::get<Found>(load.value()).message.subject);
    Removal(state_).one(erase.sequence, subject,
                        erase.overwrite ? store::EraseMode::Overwrite : store::EraseMode::Forget);
    Outcome outcome;
    outcome.count = 1;
    return outcome;
}

Outcome StreamCore::apply(PurgeCommand const& purge) {
    if (state_.config.sealed) {
        return Outcome::refusal(api_error(ApiErrc::StreamSealed));
    }
    if (state_.config.deny_purge) {
        return Outcome::refusal(
            api_error(ApiErrc::StreamPurgeFailed, "stream purge not permitted"));
    }
    Outcome outcome;
    outcome.count = Removal(state_).purge(purge);
    return outcome;
}

Outcome StreamCore::apply(ExpireCommand const&) {
    while (auto const next = state_.lifetimes.next()) {
        if (next->first > state_.now) {
            break;
        }
        if (auto const ticket = expire(next->second)) {
            return Outcome::waiting(*ticket);
        }
    }
    if (auto const ticket = expire_by_age()) {
        return Outcome::waiting(*ticket);
    }
    return {};
}

std::optional<FetchTicket> StreamCore::expire_by_age() {
    if (state_.config.max_age <= Duration{0}) {
        return std::nullopt;
    }
    // A message is too old once its age has reached the limit.
    WallTime const youngest(state_.now.since_epoch() - state_.config.max_age + Duration{1});
    std::uint64_t const bound = state_.store.first_not_before(youngest);
    if (state_.config.delete_marker_ttl == Duration{0} && !state_.lifetimes.any_forever()) {
        if (bound > state_.store.state().first) {
            Removal(state_).before(bound);
        }
        return std::nullopt;
    }
    for (std::uint64_t at = state_.store.state().first; at < bound; ++at) {
        if (state_.lifetimes.is_forever(at)) {
            continue;
        }
        if (auto const ticket = expire(at)) {
            return ticket;
        }
    }
    return std::nullopt;
}

std::optional<FetchTicket> StreamCore::expire(std::uint64_t sequence) {
    if (state_.config.delete_marker_ttl > Duration{0}) {
        return expire_with_marker(sequence);
    }
    Removal(state_).one(sequence);
    return std::nullopt;
}

std::optional<FetchTicket> StreamCore::expire_with_marker(std::uint64_t sequence) {
    Result<Load> const load = state_.store.load(sequence);
    if (!load.ok() || std::holds_alternative<store::NotFound>(load.value())) {
        state_.lifetimes.forget(sequence);
        return std::nullopt;
    }
    if (auto const* fetching = std::get_if<store::Fetching>(&load.value())) {
        return fetching->ticket;
    }
    StoredMessage const& message = std::get<Found>(load.value()).message;
    PublishHeaders const headers = PublishHeaders::of(message.headers);
    bool const leaves_none = headers.marker.has_value() || headers.key_purge;
    std::string const subject(message.subject);
    Removal(state_).one(sequence, subject);
    if (!leaves_none && !state_.store.subject_state(subject)) {
        leave_marker(subject);
    }
    return std::nullopt;
}

void StreamCore::leave_marker(std::string const& subject) {
    std::string const headers =
        concat(protocol::kHeaderVersion, kMarkerHeader, ": MaxAge\r\n", kTtlHeader, ": ",
               base::duration_text(state_.config.delete_marker_ttl), "\r\n", kRollupHeader,
               ": sub\r\n\r\n");
    append({PublishCommand{subject, headers, {}}, PublishHeaders::of(headers), headers, {}});
}

Outcome StreamCore::apply(UpdateCommand const& update) {
    Result<Json> const json = Json::parse(update.config);
    if (!json.ok()) {
        return Outcome::refusal(api_error(ApiErrc::StreamUpdate, json.error().detail()));
    }
    Result<StreamRequest> request = read_stream_request(json.value(), Fields::Loose);
    if (!request.ok()) {
        return Outcome::refusal(api_error(ApiErrc::StreamUpdate, request.error().detail()));
    }
    StreamConfig const old = std::move(state_.config);
    state_.config = std::move(request.value().config);
    if (state_.config.duplicate_window == Duration{0}) {
        state_.seen.clear();
    }
    Removal removal(state_);
    std::int64_t const per_subject = state_.config.max_messages_per_subject;
    if (per_subject > 0 &&
        (old.max_messages_per_subject <= 0 || per_subject < old.max_messages_per_subject)) {
        std::vector<std::string> over;
        state_.store.visit_subjects(
            subject::Filter::from_checked(">"), [&](store::SubjectState const& subject) {
                if (subject.messages > static_cast<std::uint64_t>(per_subject)) {
                    over.emplace_back(subject.subject);
                }
                return true;
            });
        for (std::string const& subject : over) {
            removal.oldest_of(subject, static_cast<std::uint64_t>(per_subject),
                              store::kLastSequence);
        }
    }
    removal.enforce_limits();
    Outcome outcome;
    outcome.reconfigured = true;
    return outcome;
}

Outcome StreamCore::apply(ConsumerEntry const& entry) {
    if (state_.consumers != nullptr) {
        state_.consumers->apply(entry.bytes, state_.now);
    }
    return {};
}

void StreamCore::release(std::uint64_t sequence) {
    if (state_.config.retention != Retention::Limits) {
        Removal(state_).one(sequence);
    }
}

Outcome StreamCore::apply(CopyCommand const& copy) {
    if (copy.sequence <= state_.store.state().last) {
        return {};
    }
    PublishHeaders const headers = PublishHeaders::of(copy.message.headers);
    return append_stored({.sequence = copy.sequence,
                          .time = copy.time,
                          .subject = copy.message.subject,
                          .headers = copy.message.headers,
                          .payload = copy.message.payload},
                         headers);
}

std::uint64_t StreamCore::source_position(std::string const& key) const {
    auto const found = state_.sources.find(key);
    return found == state_.sources.end() ? 0 : found->second;
}

/// Whether it is kept or not, it is not asked for again.
Outcome StreamCore::apply(SourceCommand const& source) {
    std::uint64_t& position = state_.sources[std::string(source.key)];
    if (source.sequence <= position) {
        return {};
    }
    position = source.sequence;
    PublishHeaders headers = PublishHeaders::of(source.message.headers);
    headers.source.reset();
    Admission const admission(state_, source.message, headers);
    if (admission.refusal() || admission.duplicate()) {
        return {};
    }
    return store_plain(source.message, headers);
}

std::optional<WallTime> StreamCore::next_expiry() const {
    std::optional<WallTime> next;
    if (auto const lifetime = state_.lifetimes.next()) {
        next = lifetime->first;
    }
    store::StoreState const& state = state_.store.state();
    if (state_.config.max_age > Duration{0} && state.messages > 0) {
        WallTime const oldest = state.first_time + state_.config.max_age;
        next = next ? std::min(*next, oldest) : oldest;
    }
    return next;
}

void StreamCore::save(std::string& out) const {
    pack(out, kStateVersion);
    pack(out, std::string_view(json_of(state_.config)));
    pack(out, state_.now);
    pack(out, std::string_view(state_.last_id));
    pack(out, static_cast<std::uint64_t>(state_.sources.size()));
    for (auto const& [key, position] : state_.sources) {
        pack(out, std::string_view(key));
        pack(out, position);
    }
    state_.seen.save(out);
    state_.lifetimes.save(out);
}

Result<void> StreamCore::restore(Unpacking& in) {
    if (in.number() != kStateVersion) {
        return Error(Errc::Corrupt, "a stream's state of an unknown version");
    }
    Json const json = TRY(Json::parse(in.text()));
    state_.config = TRY(read_stream_request(json, Fields::Loose)).config;
    state_.now = in.time();
    state_.last_id = std::string(in.text());
    std::uint64_t const sources = in.number();
    for (std::uint64_t at = 0; at < sources && in.sound(); ++at) {
        std::string const key(in.text());
        state_.sources[key] = in.number();
    }
    TRY(state_.seen.restore(in));
    return state_.lifetimes.restore(in);
}

}  // namespace signalbox::jetstream
