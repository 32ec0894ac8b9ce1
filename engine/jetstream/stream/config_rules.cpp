#include "engine/jetstream/stream/config_rules.h"

#include "engine/base/text.h"
#include "engine/jetstream/stream/filters.h"
#include "engine/jetstream/stream/source_rules.h"
#include "engine/subject/subject.h"
#include "engine/subject/transform.h"

#include <algorithm>

namespace signalbox::jetstream {
namespace {

using Refusal = std::optional<ApiError>;

constexpr std::size_t kLongestName = 255;
constexpr std::size_t kLongestDescription = 4'096;
constexpr std::size_t kMostMetadata = 128 * 1024;
constexpr std::int64_t kMostReplicas = 5;
constexpr Duration kShortest = base::milliseconds(100);
constexpr Duration kDefaultWindow = base::minutes(2);

ApiError invalid(std::string_view text) {
    return api_error(ApiErrc::StreamInvalidConfig, text);
}

Refusal check_names(StreamConfig const& config) {
    if (config.name.size() > kLongestName) {
        return invalid(concat("stream name is too long, maximum allowed is ", kLongestName));
    }
    if (config.name.find_first_of("/\\") != std::string::npos) {
        return api_error(ApiErrc::StreamNameContainsPathSeparators);
    }
    if (!is_asset_name(config.name)) {
        return invalid("stream name is required and can not contain '.', '*', '>'");
    }
    if (config.description.size() > kLongestDescription) {
        return invalid(
            concat("stream description is too long, maximum allowed is ", kLongestDescription));
    }
    std::size_t metadata = 0;
    for (auto const& [name, value] : config.metadata) {
        metadata += name.size() + value.size();
    }
    if (metadata > kMostMetadata) {
        return invalid(concat("stream metadata exceeds maximum size of ", kMostMetadata, " bytes"));
    }
    if (config.replicas > kMostReplicas) {
        return invalid(concat("maximum replicas is ", kMostReplicas));
    }
    if (config.replicas < 0) {
        return api_error(ApiErrc::ReplicasCountCannotBeNegative);
    }
    return std::nullopt;
}

/// What is not said, and what is less than "no limit", is "no limit".
Refusal settle_limit(std::int64_t& limit, std::string_view name, bool pedantic) {
    if (limit < -1 && pedantic) {
        return api_error(ApiErrc::Pedantic, concat(name, " must be set to -1"));
    }
    limit = limit <= 0 ? -1 : limit;
    return std::nullopt;
}

Refusal settle_limits(StreamConfig& config, bool pedantic) {
    struct Limit {
        char const* name;
        std::int64_t StreamConfig::*member;
    };
    constexpr Limit kLimits[] = {
        {"max_msgs", &StreamConfig::max_messages},
        {"max_msgs_per_subject", &StreamConfig::max_messages_per_subject},
        {"max_bytes", &StreamConfig::max_bytes},
        {"max_msg_size", &StreamConfig::max_message_size},
        {"max_consumers", &StreamConfig::max_consumers},
    };
    for (Limit const& limit : kLimits) {
        if (Refusal refusal = settle_limit(config.*limit.member, limit.name, pedantic)) {
            return refusal;
        }
    }
    config.replicas = std::max<std::int64_t>(config.replicas, 1);
    return std::nullopt;
}

Refusal settle_window(StreamConfig& config, ConfigSurroundings const& around) {
    Duration& window = config.duplicate_window;
    Duration const longest = around.longest_duplicate_window;
    if (window == Duration{0} && !config.mirror && config.sources.empty()) {
        window = longest > Duration{0} ? std::min(kDefaultWindow, longest) : kDefaultWindow;
        if (config.max_age > Duration{0}) {
            window = std::min(window, config.max_age);
        }
    }
    if (config.max_age < Duration{0}) {
        return invalid("max age can not be negative");
    }
    if (config.max_age > Duration{0} && config.max_age < kShortest) {
        return invalid("max age needs to be >= 100ms");
    }
    if (window < Duration{0}) {
        return invalid("duplicates window can not be negative");
    }
    if (config.max_age > Duration{0} && window > config.max_age) {
        return invalid("duplicates window can not be larger then max age");
    }
    if (window > Duration{0} && window < kShortest) {
        return invalid("duplicates window needs to be >= 100ms");
    }
    if (longest > Duration{0} && window > longest) {
        return invalid(concat("duplicates window can not be larger then server limit of ",
                              longest.count() / 1'000'000'000, "s"));
    }
    return std::nullopt;
}

Refusal settle_markers(StreamConfig& config, bool pedantic) {
    if (config.delete_marker_ttl < Duration{0}) {
        return invalid("subject delete marker TTL must not be negative");
    }
    if (config.delete_marker_ttl == Duration{0}) {
        return std::nullopt;
    }
    if (config.mirror) {
        return invalid("subject delete markers forbidden on mirrors");
    }
    if (config.delete_marker_ttl < base::seconds(1)) {
        return invalid("subject delete marker TTL must be at least 1 second");
    }
    if (pedantic && !config.allow_ttl) {
        return invalid("subject delete marker cannot be set if message TTLs are disabled");
    }
    if (pedantic && !config.allow_rollup) {
        return invalid("subject delete marker cannot be set if roll-ups are disabled");
    }
    config.allow_ttl = true;
    config.allow_rollup = true;
    config.deny_purge = false;
    return std::nullopt;
}

Refusal check_counter(StreamConfig const& config) {
    if (!config.counter) {
        return std::nullopt;
    }
    if (config.discard == Discard::New) {
        return invalid("counter stream cannot use discard new");
    }
    if (config.allow_ttl) {
        return invalid("counter stream cannot use message TTLs");
    }
    if (config.allow_schedules) {
        return invalid("counter stream cannot use message schedules");
    }
    if (config.retention != Retention::Limits) {
        return invalid("counter stream can only use limits retention");
    }
    return std::nullopt;
}

Refusal settle_schedules(StreamConfig& config, bool pedantic) {
    if (!config.allow_schedules) {
        return std::nullopt;
    }
    if (config.mirror) {
        return api_error(ApiErrc::MirrorWithMsgSchedules);
    }
    if (!config.sources.empty()) {
        return api_error(ApiErrc::SourceWithMsgSchedules);
    }
    if (config.discard == Discard::New) {
        return invalid("message scheduling cannot use discard new");
    }
    if (pedantic && !config.allow_rollup) {
        return invalid("message scheduling cannot be set if roll-ups are disabled");
    }
    config.allow_rollup = true;
    config.deny_purge = false;
    return std::nullopt;
}

Refusal settle_features(StreamConfig& config, bool pedantic) {
    if (Refusal refusal = settle_markers(config, pedantic)) {
        return refusal;
    }
    if (Refusal refusal = check_counter(config)) {
        return refusal;
    }
    if (Refusal refusal = settle_schedules(config, pedantic)) {
        return refusal;
    }
    if (config.persist_async && config.memory) {
        return invalid("async persist mode is only supported on file storage");
    }
    if (config.persist_async && config.allow_atomic) {
        return invalid("async persist mode is not supported with atomic batch publish");
    }
    if (config.deny_purge && config.allow_rollup) {
        return invalid("roll-ups require the purge permission");
    }
    if (config.discard_new_per_subject && config.discard != Discard::New) {
        return invalid("discard new per subject requires discard new policy to be set");
    }
    if (config.discard_new_per_subject && config.max_messages_per_subject <= 0) {
        return invalid("discard new per subject requires max msgs per subject > 0");
    }
    if (config.placement && !config.placement->preferred.empty()) {
        return invalid("preferred server not permitted in placement");
    }
    return std::nullopt;
}

bool within(std::string_view wide, std::string_view subject) {
    return subject::Filter::from_checked(wide).covers(subject::Filter::from_checked(subject));
}

/// Whoever keeps what clients ask of the server would have every answer followed by its own.
Refusal check_reserved(StreamConfig const& config, std::string_view subject) {
    if (config.no_ack) {
        return std::nullopt;
    }
    if (subject == ">") {
        return invalid("capturing all subjects requires no-ack to be true");
    }
    for (char const* const api : {"$JS.>", "$JSC.>", "$NRG.>"}) {
        if (filters_meet(api, subject) && !within("$JS.EVENT.>", subject)) {
            return invalid("subjects that overlap with jetstream api require no-ack to be true");
        }
    }
    if (filters_meet("$SYS.>", subject) && !within("$SYS.ACCOUNT.>", subject)) {
        return invalid("subjects that overlap with system api require no-ack to be true");
    }
    return std::nullopt;
}

Refusal settle_subjects(StreamConfig& config) {
    std::vector<std::string> const& subjects = config.subjects;
    if (subjects.empty() && !config.mirror && config.sources.empty()) {
        config.subjects = {config.name};
    }
    for (std::size_t i = 0; i < subjects.size(); ++i) {
        if (!subject::Filter::parse(subjects[i]).ok()) {
            return invalid("invalid subject");
        }
        if (Refusal refusal = check_reserved(config, subjects[i])) {
            return refusal;
        }
        for (std::size_t before = 0; before < i; ++before) {
            if (filters_meet(subjects[before], subjects[i])) {
                return invalid(concat("subject ", base::quoted(subjects[before]), " overlaps with ",
                                      base::quoted(subjects[i])));
            }
        }
    }
    return std::nullopt;
}

/// With what stands in the way of a transform of every subject onto every subject.
bool transforms_all_first(StreamConfig const& config) {
    return config.transform && config.subjects.size() == 1 &&
           config.transform->source == config.subjects.front();
}

Refusal settle_transforms(StreamConfig& config) {
    using subject::Transform;
    using subject::TransformUse;
    if (config.transform) {
        SubjectTransform const& transform = *config.transform;
        if (!transform.source.empty() && !subject::Filter::parse(transform.source).ok()) {
            return api_error(ApiErrc::StreamTransformInvalidSource,
                             concat("invalid subject ", transform.source));
        }
        auto const made =
            Transform::create(transform.source, transform.destination, TransformUse::Stream);
        if (!made.ok()) {
            return api_error(ApiErrc::StreamTransformInvalidDestination, made.error().detail());
        }
    }
    if (!config.republish) {
        return std::nullopt;
    }
    Republish& republish = *config.republish;
    if (republish.source.empty()) {
        republish.source.assign(1, '>');
    }
    auto const made =
        Transform::create(republish.source, republish.destination, TransformUse::Stream);
    if (!made.ok()) {
        return invalid(concat("stream configuration for republish with transform from '",
                              republish.source, "' to '", republish.destination, "' not valid"));
    }
    bool const everything = republish.source == ">" && republish.destination == ">";
    if (everything && transforms_all_first(config)) {
        return std::nullopt;
    }
    bool const filter = subject::Filter::parse(republish.destination).ok();
    for (std::string const& subject : config.subjects) {
        if (filter && filters_meet(republish.destination, subject)) {
            return invalid("stream configuration for republish destination forms a cycle");
        }
    }
    return std::nullopt;
}

Refusal check_account(StreamConfig const& config, config::JetStreamTier const& limits) {
    if (limits.max_bytes_required && config.max_bytes <= 0) {
        return api_error(ApiErrc::StreamMaxBytesRequired);
    }
    std::int64_t const most =
        config.memory ? limits.memory_max_stream_bytes : limits.storage_max_stream_bytes;
    if (most > 0 && config.max_bytes > most) {
        return api_error(ApiErrc::StreamMaxStreamBytesExceeded);
    }
    return std::nullopt;
}

/// What was set once cannot be taken back.
Refusal check_not_unset(StreamConfig const& old, StreamConfig const& now) {
    struct Switch {
        bool StreamConfig::*member;
        char const* refusal;
    };
    constexpr Switch kSwitches[] = {
        {&StreamConfig::sealed, "stream configuration update can not unseal a sealed stream"},
        {&StreamConfig::deny_delete,
         "stream configuration update can not cancel deny message "
         "deletes"},
        {&StreamConfig::deny_purge, "stream configuration update can not cancel deny purge"},
        {&StreamConfig::allow_ttl, "message TTL status can not be disabled"},
        {&StreamConfig::allow_schedules, "message schedules can not be disabled"},
    };
    for (Switch const& one : kSwitches) {
        if (old.*one.member && !(now.*one.member)) {
            return invalid(one.refusal);
        }
    }
    return std::nullopt;
}

}  // namespace

Refusal settle(StreamConfig& config, bool pedantic, ConfigSurroundings const& around) {
    if (Refusal refusal = check_names(config)) {
        return refusal;
    }
    if (Refusal refusal = settle_limits(config, pedantic)) {
        return refusal;
    }
    if (Refusal refusal = settle_window(config, around)) {
        return refusal;
    }
    if (config.mirror_direct && !config.mirror) {
        return invalid("stream has no mirror but does have mirror direct");
    }
    if (Refusal refusal = check_origins(config, around)) {
        return refusal;
    }
    if (Refusal refusal = settle_features(config, pedantic)) {
        return refusal;
    }
    if (Refusal refusal = settle_subjects(config)) {
        return refusal;
    }
    if (Refusal refusal = settle_transforms(config)) {
        return refusal;
    }
    if (Refusal refusal = check_account(config, around.limits)) {
        return refusal;
    }
    note_required_level(config);
    return std::nullopt;
}

Refusal check_update(StreamConfig const& old, StreamConfig& now) {
    if (now.memory != old.memory) {
        return invalid("stream configuration update can not change storage type");
    }
    bool const queue =
        old.retention == Retention::WorkQueue || now.retention == Retention::WorkQueue;
    if (now.retention != old.retention && queue) {
        return invalid(
            "stream configuration update can not change retention policy to/from workqueue");
    }
    if (now.counter != old.counter) {
        return invalid("stream configuration update can not change message counter setting");
    }
    if (now.persist_async != old.persist_async) {
        return invalid("stream configuration update can not change persist mode");
    }
    if (Refusal refusal = check_not_unset(old, now)) {
        return refusal;
    }
    if (now.mirror && now.mirror != old.mirror) {
        return api_error(ApiErrc::StreamMirrorNotUpdatable);
    }
    if (now.sealed && !old.sealed) {
        now.max_age = Duration{0};
        now.discard = Discard::New;
        now.deny_delete = true;
        now.deny_purge = true;
        now.allow_rollup = false;
    }
    now.first_sequence = old.first_sequence;
    return std::nullopt;
}

}  // namespace signalbox::jetstream
