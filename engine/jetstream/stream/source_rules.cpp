#include "engine/jetstream/stream/source_rules.h"

#include "engine/base/text.h"
#include "engine/jetstream/stream/filters.h"
#include "engine/subject/subject.h"
#include "engine/subject/transform.h"

#include <algorithm>
#include <set>

namespace signalbox::jetstream {
namespace {

using Refusal = std::optional<ApiError>;

/// The errors that a mirror has one of, and a source another.
struct Words {
    ApiErrc name;
    ApiErrc several_filters;
    ApiErrc overlap;
    ApiErrc bad_source;
    ApiErrc bad_destination;
    ApiErrc consumer;
    ApiErrc too_small;
    char const* filter;
};

constexpr Words kMirror{.name = ApiErrc::MirrorInvalidStreamName,
                        .several_filters = ApiErrc::MirrorMultipleFiltersNotAllowed,
                        .overlap = ApiErrc::MirrorOverlappingSubjectFilters,
                        .bad_source = ApiErrc::MirrorInvalidSubjectFilter,
                        .bad_destination = ApiErrc::MirrorInvalidTransformDestination,
                        .consumer = ApiErrc::MirrorDurableConsumerCfgInvalid,
                        .too_small = ApiErrc::MirrorMaxMessageSizeTooBig,
                        .filter = "mirror"};
constexpr Words kSource{.name = ApiErrc::SourceInvalidStreamName,
                        .several_filters = ApiErrc::SourceMultipleFiltersNotAllowed,
                        .overlap = ApiErrc::SourceOverlappingSubjectFilters,
                        .bad_source = ApiErrc::SourceInvalidSubjectFilter,
                        .bad_destination = ApiErrc::SourceInvalidTransformDestination,
                        .consumer = ApiErrc::SourceDurableConsumerCfgInvalid,
                        .too_small = ApiErrc::SourceMaxMessageSizeTooBig,
                        .filter = "source:"};

Refusal check_external(StreamConfig const& config, ExternalStream const& external) {
    if (!external.deliver.empty() && external.deliver.find_first_of("*>") != std::string::npos) {
        return api_error(ApiErrc::StreamInvalidExternalDeliverySubj, external.deliver);
    }
    if (!external.deliver.empty()) {
        for (std::string const& subject : config.subjects) {
            std::string const within = concat(external.deliver, ".>");
            if (subject::Filter::parse(within).ok() && subject::Filter::parse(subject).ok() &&
                filters_meet(within, subject)) {
                return api_error(ApiErrc::StreamExternalDelPrefixOverlaps, external.deliver,
                                 subject);
            }
        }
    }
    if (external.api.empty()) {
        return std::nullopt;
    }
    if (!subject::Subject::parse(external.api).ok()) {
        return api_error(ApiErrc::StreamInvalidConfig,
                         concat("stream external api prefix ", base::quoted(external.api),
                                " must be a valid subject without wildcards"));
    }
    if (external.api == "$JS.API" || external.api.starts_with("$JS.API.")) {
        return api_error(ApiErrc::StreamExternalApiOverlap, external.api, "$JS.API");
    }
    return std::nullopt;
}

Refusal check_filters(StreamSource const& source, Words const& words) {
    if (!source.filter.empty() && !source.transforms.empty()) {
        return api_error(words.several_filters);
    }
    if (!source.filter.empty() && !subject::Filter::parse(source.filter).ok()) {
        return api_error(ApiErrc::StreamCreate,
                         concat("subject filter '", source.filter, "' for the ", words.filter,
                                " invalid subject"));
    }
    for (std::size_t i = 0; i < source.transforms.size(); ++i) {
        SubjectTransform const& transform = source.transforms[i];
        if (!transform.source.empty() && !subject::Filter::parse(transform.source).ok()) {
            return api_error(words.bad_source, concat("invalid subject ", transform.source));
        }
        auto const made = subject::Transform::create(transform.source, transform.destination,
                                                     subject::TransformUse::Stream);
        if (!made.ok()) {
            return api_error(words.bad_destination, made.error().detail());
        }
        for (std::size_t before = 0; before < i; ++before) {
            auto const all = [](std::string const& text) {
                return text.empty() ? std::string_view(">") : std::string_view(text);
            };
            if (filters_meet(all(source.transforms[before].source), all(transform.source))) {
                return api_error(words.overlap);
            }
        }
    }
    return std::nullopt;
}

Refusal check_consumer(StreamSource const& source, Words const& words) {
    if (!source.consumer) {
        return std::nullopt;
    }
    bool const sound = is_asset_name(source.consumer->name) &&
                       subject::Subject::parse(source.consumer->deliver_subject).ok() &&
                       source.start_sequence == 0 && !source.start_time && source.filter.empty();
    return sound ? Refusal() : api_error(words.consumer);
}

Refusal check_source(StreamConfig const& config, StreamSource const& source, Words const& words,
                     ConfigSurroundings const& around) {
    if (!is_asset_name(source.name)) {
        return api_error(words.name);
    }
    if (Refusal refusal = check_filters(source, words)) {
        return refusal;
    }
    if (Refusal refusal = check_consumer(source, words)) {
        return refusal;
    }
    if (source.external) {
        return check_external(config, *source.external);
    }
    StreamConfig const* const origin = around.find ? around.find(source.name) : nullptr;
    if (origin != nullptr && config.max_message_size > 0 &&
        origin->max_message_size > config.max_message_size) {
        return api_error(words.too_small);
    }
    return std::nullopt;
}

Refusal check_mirror(StreamConfig const& config, ConfigSurroundings const& around) {
    struct Excluded {
        bool there;
        ApiErrc refusal;
    };
    Excluded const excluded[] = {
        {config.first_sequence > 0, ApiErrc::MirrorWithFirstSeq},
        {!config.subjects.empty(), ApiErrc::MirrorWithSubjects},
        {!config.sources.empty(), ApiErrc::MirrorWithSources},
        {config.counter, ApiErrc::MirrorWithCounters},
        {config.allow_atomic, ApiErrc::MirrorWithAtomicPublish},
        {config.allow_batched, ApiErrc::MirrorWithBatchPublish},
    };
    for (Excluded const& one : excluded) {
        if (one.there) {
            return api_error(one.refusal);
        }
    }
    return check_source(config, *config.mirror, kMirror, around);
}

/// All that makes two sources the same.
std::string identity_of(StreamSource const& source) {
    std::string text =
        concat(source.name, "\n", source.filter, "\n", source.external ? source.external->api : "");
    for (SubjectTransform const& transform : source.transforms) {
        append(text, "\n", transform.source, " ", transform.destination);
    }
    return text;
}

/// Whether the stream gets back, over others of the account, what it gives.
bool copies_itself(StreamConfig const& config, ConfigSurroundings const& around) {
    std::set<std::string> seen;
    std::vector<StreamConfig const*> open{&config};
    while (!open.empty()) {
        StreamConfig const& one = *open.back();
        open.pop_back();
        std::vector<StreamSource> origins = one.sources;
        if (one.mirror) {
            origins.push_back(*one.mirror);
        }
        for (StreamSource const& origin : origins) {
            if (origin.external) {
                continue;
            }
            if (origin.name == config.name) {
                return true;
            }
            StreamConfig const* const next = around.find ? around.find(origin.name) : nullptr;
            if (next != nullptr && seen.insert(origin.name).second) {
                open.push_back(next);
            }
        }
    }
    return false;
}

}  // namespace

Refusal check_origins(StreamConfig const& config, ConfigSurroundings const& around) {
    if (config.mirror) {
        if (Refusal refusal = check_mirror(config, around)) {
            return refusal;
        }
    }
    std::set<std::string> identities;
    std::set<std::string> consumers;
    for (StreamSource const& source : config.sources) {
        if (Refusal refusal = check_source(config, source, kSource, around)) {
            return refusal;
        }
        if (!identities.insert(identity_of(source)).second) {
            return api_error(ApiErrc::SourceDuplicateDetected);
        }
        if (source.consumer &&
            !consumers.insert(concat(source.name, " ", source.consumer->name)).second) {
            return api_error(ApiErrc::SourceDurableConsumerDuplicateDetected);
        }
    }
    if (copies_itself(config, around)) {
        return api_error(ApiErrc::StreamInvalidConfig, "detected cycle");
    }
    return std::nullopt;
}

}  // namespace signalbox::jetstream
