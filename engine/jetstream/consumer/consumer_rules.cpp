#include "engine/jetstream/consumer/consumer_rules.h"

#include "engine/base/duration_text.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/subject/subject.h"
#include "engine/subject/tokens.h"

#include <algorithm>

namespace signalbox::jetstream {
namespace {

constexpr std::size_t kLongestDescription = 4'096;
constexpr std::size_t kMostMetadata = 128 * 1'024;
constexpr Duration kLeastHeartbeat = base::milliseconds(100);
constexpr Duration kLeastMaxExpires = base::milliseconds(1);
constexpr std::size_t kLongestGroupName = 16;
constexpr Duration kFlowControlHeartbeat = base::seconds(1);

/// The lowest of the limits that are set.
std::int64_t lowest(std::int64_t value, std::int64_t limit) {
    return limit > 0 ? std::min(value, limit) : value;
}

/// The API level without which a server would not do what is asked for.
int required_level(ConsumerConfig const& config) {
    if (config.acks.policy == AckPolicy::FlowControl) {
        return 4;
    }
    bool const first = config.pause_until.is_set() ||
                       config.priority.policy != PriorityPolicy::None ||
                       config.priority.timeout.count() != 0 || !config.priority.groups.empty();
    return first ? 1 : 0;
}

std::size_t size_of(std::map<std::string, std::string> const& metadata) {
    std::size_t size = 0;
    for (auto const& [key, value] : metadata) {
        size += key.size() + value.size();
    }
    return size;
}

Refusal check_general(ConsumerConfig const& config, StreamFacts const& facts) {
    if (config.replicas < 0) {
        return api_error(ApiErrc::ReplicasCountCannotBeNegative);
    }
    if (config.replicas > facts.replicas) {
        return api_error(ApiErrc::ConsumerReplicasExceedsStream);
    }
    if (facts.retention != Retention::Limits && config.replicas != 0 &&
        config.replicas != facts.replicas) {
        return api_error(ApiErrc::ConsumerReplicasShouldMatchStream);
    }
    if (config.description.size() > kLongestDescription) {
        return api_error(ApiErrc::ConsumerDescriptionTooLong, concat(kLongestDescription));
    }
    if (size_of(config.metadata) > kMostMetadata) {
        return api_error(ApiErrc::ConsumerMetadataLength, concat(kMostMetadata / 1'024, "KB"));
    }
    return {};
}

Refusal check_acks(AckSettings const& acks) {
    // The first pause is the ack wait as well.
    for (Duration const pause : acks.backoff) {
        if (pause.count() < 0) {
            return api_error(ApiErrc::ConsumerBackOffNegative);
        }
    }
    if (acks.wait.count() < 0) {
        return api_error(ApiErrc::ConsumerAckWaitNegative);
    }
    if (acks.max_deliver != -1 &&
        static_cast<std::int64_t>(acks.backoff.size()) > acks.max_deliver) {
        return api_error(ApiErrc::ConsumerMaxDeliverBackoff);
    }
    return {};
}

Refusal check_push(ConsumerConfig const& config, StreamFacts const& facts) {
    auto const subject = subject::Filter::parse(config.push.subject);
    if (config.push.subject.find_first_of("*>") != std::string::npos && subject.ok() &&
        subject.value().has_wildcard()) {
        return api_error(ApiErrc::ConsumerDeliverToWildcards);
    }
    if (!subject.ok()) {
        return api_error(ApiErrc::ConsumerInvalidDeliverSubject);
    }
    for (std::string const& listened : facts.subjects) {
        if (filters_collide(listened, config.push.subject)) {
            return api_error(ApiErrc::ConsumerDeliverCycle);
        }
    }
    if (config.pull.max_waiting != 0) {
        return api_error(ApiErrc::ConsumerPushMaxWaiting);
    }
    if (config.acks.max_pending > 0 && config.acks.policy == AckPolicy::None) {
        return api_error(ApiErrc::ConsumerMaxPendingAckPolicyRequired);
    }
    if (config.push.heartbeat.count() > 0 && config.push.heartbeat < kLeastHeartbeat) {
        return api_error(ApiErrc::ConsumerSmallHeartbeat);
    }
    if (config.push.flow_control && config.push.heartbeat.count() == 0) {
        return api_error(ApiErrc::ConsumerWithFlowControlNeedsHeartbeats);
    }
    if (config.priority.policy != PriorityPolicy::None) {
        return api_error(ApiErrc::ConsumerPushWithPriorityGroup);
    }
    return {};
}

Refusal check_pull(ConsumerConfig const& config, StreamFacts const& facts) {
    if (facts.retention == Retention::WorkQueue && config.acks.policy == AckPolicy::None) {
        return api_error(ApiErrc::ConsumerPullRequiresAck);
    }
    if (config.push.rate_limit > 0) {
        return api_error(ApiErrc::ConsumerPullWithRateLimit);
    }
    if (config.push.heartbeat.count() > 0) {
        return api_error(ApiErrc::ConsumerHBRequiresPush);
    }
    if (config.push.flow_control) {
        return api_error(ApiErrc::ConsumerFCRequiresPush);
    }
    if (config.pull.max_expires.count() != 0 && config.pull.max_expires < kLeastMaxExpires) {
        return api_error(ApiErrc::ConsumerMaxRequestExpiresTooSmall);
    }
    if (facts.server_max_request_batch > 0 &&
        config.pull.max_batch > facts.server_max_request_batch) {
        return api_error(ApiErrc::ConsumerMaxRequestBatchExceeded,
                         concat(facts.server_max_request_batch));
    }
    return {};
}

Refusal check_direct(ConsumerConfig const& config) {
    if (config.direct && !config.is_push()) {
        return api_error(ApiErrc::ConsumerDirectRequiresPush);
    }
    if (config.direct && config.is_durable()) {
        return api_error(ApiErrc::ConsumerDirectRequiresEphemeral);
    }
    return {};
}

Refusal check_limits(ConsumerConfig const& config, StreamFacts const& facts) {
    for (std::int64_t const limit : {facts.server_max_ack_pending, facts.account_max_ack_pending,
                                     facts.consumer_max_ack_pending}) {
        if (limit > 0 && config.acks.max_pending > limit) {
            return api_error(ApiErrc::ConsumerMaxPendingAckExcess, concat(limit));
        }
    }
    if (facts.consumer_inactive_threshold.count() > 0 &&
        config.inactive_threshold > facts.consumer_inactive_threshold) {
        return api_error(ApiErrc::ConsumerInactiveThresholdExcess,
                         base::duration_text(facts.consumer_inactive_threshold));
    }
    return {};
}

std::string_view words_of(DeliverPolicy policy) {
    switch (policy) {
        case DeliverPolicy::All:
            return "deliver all";
        case DeliverPolicy::Last:
            return "deliver last";
        case DeliverPolicy::New:
            return "deliver new";
        case DeliverPolicy::ByStartSequence:
            return "deliver by start sequence";
        case DeliverPolicy::ByStartTime:
            return "deliver by start time";
        case DeliverPolicy::LastPerSubject:
            return "deliver last per subject";
    }
    return {};
}

Refusal bad_start(DeliverPolicy policy, std::string_view what, std::string_view how) {
    return api_error(ApiErrc::ConsumerInvalidPolicy,
                     concat("consumer delivery policy is ", words_of(policy), ", but optional ",
                            what, " is ", how));
}

Refusal check_start(ConsumerConfig const& config) {
    StartPosition const& start = config.start;
    bool const by_sequence = start.policy == DeliverPolicy::ByStartSequence;
    bool const by_time = start.policy == DeliverPolicy::ByStartTime;
    if (start.sequence > 0 && !by_sequence) {
        // The text of this one case says the word twice, and clients may know it so.
        return bad_start(start.policy, by_time ? "start start sequence" : "start sequence",
                         "also set");
    }
    if (start.time && !by_time) {
        return bad_start(start.policy, "start time", "also set");
    }
    if (by_sequence && start.sequence == 0) {
        return bad_start(start.policy, "start sequence", "not set");
    }
    if (by_time && !start.time) {
        return bad_start(start.policy, "start time", "not set");
    }
    if (start.policy == DeliverPolicy::LastPerSubject && config.filters().empty()) {
        return bad_start(start.policy, "filter subject", "not set");
    }
    return {};
}

Refusal check_sampling(AckSettings const& acks) {
    if (acks.sample_frequency.empty() || sampling_percentage(acks.sample_frequency)) {
        return {};
    }
    std::string_view text = acks.sample_frequency;
    if (text.ends_with('%')) {
        text.remove_suffix(1);
    }
    return api_error(ApiErrc::ConsumerInvalidSampling,
                     concat("strconv.Atoi: parsing ", base::quoted(text), ": invalid syntax"));
}

Refusal check_filters(ConsumerConfig const& config) {
    if (!config.filter_subject.empty() && !config.filter_subjects.empty()) {
        return api_error(ApiErrc::ConsumerDuplicateFilterSubjects);
    }
    std::vector<std::string> const filters = config.filters();
    for (std::size_t i = 0; i < filters.size(); ++i) {
        if (filters[i].empty()) {
            return api_error(ApiErrc::ConsumerEmptyFilter);
        }
        if (!subject::Filter::parse(filters[i]).ok()) {
            return api_error(ApiErrc::StreamInvalidConfig, "invalid subject");
        }
        for (std::size_t k = 0; k < i; ++k) {
            if (filters_collide(filters[k], filters[i])) {
                return api_error(ApiErrc::ConsumerOverlappingSubjectFilters);
            }
        }
    }
    return {};
}

Refusal check_priority(PrioritySettings const& priority) {
    if (priority.policy == PriorityPolicy::None) {
        if (!priority.groups.empty()) {
            return api_error(ApiErrc::ConsumerPriorityGroupWithPolicyNone);
        }
        if (priority.timeout.count() != 0) {
            return api_error(ApiErrc::ConsumerPinnedTTLWithoutPriorityPolicyNone);
        }
        return {};
    }
    if (priority.groups.empty()) {
        return api_error(ApiErrc::ConsumerPriorityPolicyWithoutGroup);
    }
    for (std::string const& group : priority.groups) {
        if (group.empty()) {
            return api_error(ApiErrc::ConsumerEmptyGroupName);
        }
        if (!is_group_name(group)) {
            return api_error(ApiErrc::ConsumerInvalidGroupName);
        }
    }
    return {};
}

Refusal check_flow_control_acks(ConsumerConfig const& config) {
    if (config.acks.policy != AckPolicy::FlowControl) {
        return {};
    }
    if (!config.is_push()) {
        return api_error(ApiErrc::ConsumerAckFCRequiresPush);
    }
    if (!config.push.flow_control) {
        return api_error(ApiErrc::ConsumerAckFCRequiresFC);
    }
    if (config.push.heartbeat != kFlowControlHeartbeat) {
        return api_error(ApiErrc::StreamInvalidConfig,
                         "flow control ack policy heartbeat needs to be 1s");
    }
    if (config.acks.max_pending <= 0) {
        return api_error(ApiErrc::ConsumerAckFCRequiresMaxAckPending);
    }
    if (config.acks.wait.count() != 0 || !config.acks.backoff.empty()) {
        return api_error(ApiErrc::ConsumerAckFCRequiresNoAckWait);
    }
    if (config.acks.max_deliver > 0) {
        return api_error(ApiErrc::ConsumerAckFCRequiresNoMaxDeliver);
    }
    return {};
}

Refusal check_work_queue(ConsumerConfig const& config, StreamFacts const& facts) {
    if (facts.retention != Retention::WorkQueue) {
        return {};
    }
    bool const acked = config.acks.policy == AckPolicy::Explicit ||
                       config.acks.policy == AckPolicy::FlowControl || config.direct;
    if (!acked) {
        return api_error(ApiErrc::ConsumerWQRequiresExplicitAck);
    }
    if (config.start.policy != DeliverPolicy::All && !config.direct) {
        return api_error(ApiErrc::ConsumerWQConsumerNotDeliverAll);
    }
    return {};
}

}  // namespace

ConsumerConfig with_defaults(ConsumerConfig config, StreamFacts const& facts) {
    AckSettings& acks = config.acks;
    if (config.name.empty()) {
        config.name = config.durable_name;
    }
    if (acks.max_deliver <= 0) {
        acks.max_deliver = -1;
    }
    bool const timed = acks.policy == AckPolicy::Explicit || acks.policy == AckPolicy::All;
    if (!acks.backoff.empty()) {
        acks.wait = acks.backoff.front();
    } else if (acks.wait.count() == 0 && timed) {
        acks.wait = kDefaultAckWait;
    }
    if (acks.max_pending == 0 && acks.policy != AckPolicy::None) {
        acks.max_pending = facts.consumer_max_ack_pending > 0
                               ? facts.consumer_max_ack_pending
                               : lowest(lowest(kDefaultMaxAckPending, facts.server_max_ack_pending),
                                        facts.account_max_ack_pending);
    }
    if (config.inactive_threshold.count() == 0) {
        config.inactive_threshold = facts.consumer_inactive_threshold;
    }
    if (!config.is_push()) {
        if (config.pull.max_waiting <= 0) {
            config.pull.max_waiting = kDefaultMaxWaiting;
        }
        config.pull.max_batch = std::max<std::int64_t>(config.pull.max_batch, 0);
        if (config.pull.max_batch == 0 && facts.server_max_request_batch > 0) {
            config.pull.max_batch = facts.server_max_request_batch;
        }
    }
    if (config.priority.policy == PriorityPolicy::PinnedClient &&
        config.priority.timeout.count() == 0) {
        config.priority.timeout = kDefaultPriorityTimeout;
    }
    config.metadata.erase(kServerVersion);
    config.metadata.erase(kServerLevel);
    config.metadata[kRequiredLevel] = concat(required_level(config));
    return config;
}

Refusal check_config(ConsumerConfig const& config, StreamFacts const& facts) {
    for (Refusal const& refusal :
         {check_general(config, facts), check_acks(config.acks), check_flow_control_acks(config),
          config.is_push() ? check_push(config, facts) : check_pull(config, facts),
          check_limits(config, facts), check_direct(config), check_filters(config),
          check_start(config), check_sampling(config.acks), check_priority(config.priority),
          check_work_queue(config, facts)}) {
        if (refusal) {
            return refusal;
        }
    }
    return {};
}

Refusal check_beside_others(ConsumerConfig const& config, StreamFacts const& facts,
                            std::vector<ConsumerConfig const*> const& others) {
    if (facts.retention != Retention::WorkQueue || config.direct) {
        return {};
    }
    std::vector<std::string> const filters = config.filters();
    for (ConsumerConfig const* const other : others) {
        if (other->direct) {
            continue;
        }
        std::vector<std::string> const theirs = other->filters();
        if (filters.empty() || theirs.empty()) {
            return api_error(filters.empty() ? ApiErrc::ConsumerWQMultipleUnfiltered
                                             : ApiErrc::ConsumerWQConsumerNotUnique);
        }
        for (std::string const& filter : filters) {
            for (std::string const& their_filter : theirs) {
                if (filters_collide(filter, their_filter)) {
                    return api_error(ApiErrc::ConsumerWQConsumerNotUnique);
                }
            }
        }
    }
    return {};
}

Refusal check_update(ConsumerConfig const& was, ConsumerConfig const& wanted) {
    struct Rule {
        bool broken;
        char const* text;
    };
    Rule const rules[] = {
        {was.start.policy != wanted.start.policy, "deliver policy can not be updated"},
        {was.start.sequence != wanted.start.sequence, "start sequence can not be updated"},
        {was.start.time != wanted.start.time, "start time can not be updated"},
        {was.acks.policy != wanted.acks.policy, "ack policy can not be updated"},
        {was.replay != wanted.replay, "replay policy can not be updated"},
        {was.push.heartbeat != wanted.push.heartbeat, "heart beats can not be updated"},
        {was.push.flow_control != wanted.push.flow_control, "flow control can not be updated"},
        {was.memory != wanted.memory, "storage type can not be updated"},
        {!was.is_push() && wanted.is_push(), "can not update pull consumer to push based"},
        {was.is_push() && !wanted.is_push(), "can not update push consumer to pull based"},
        {was.pull.max_waiting != wanted.pull.max_waiting, "max waiting can not be updated"},
        {was.direct != wanted.direct, "direct can not be updated"},
        {was.sourcing != wanted.sourcing, "sourcing can not be updated"},
    };
    for (Rule const& rule : rules) {
        if (rule.broken) {
            return api_error(ApiErrc::ConsumerCreate, rule.text);
        }
    }
    return {};
}

bool same_request(ConsumerConfig const& a, ConsumerConfig const& b) {
    ConsumerConfig left = a;
    ConsumerConfig right = b;
    for (ConsumerConfig* const config : {&left, &right}) {
        config->metadata.erase(kRequiredLevel);
        config->metadata.erase(kServerVersion);
        config->metadata.erase(kServerLevel);
        config->pause_until = WallTime();
    }
    return left == right;
}

bool is_valid_name(std::string_view name) {
    return !name.empty() && name.find_first_of(" \t\r\n\f.*>/\\") == std::string_view::npos;
}

bool is_group_name(std::string_view name) {
    return name.size() <= kLongestGroupName && std::ranges::all_of(name, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_' || c == '/' || c == '=';
           });
}

bool filters_collide(std::string_view a, std::string_view b) {
    subject::Tokens left(a);
    subject::Tokens right(b);
    while (!left.done() && !right.done()) {
        std::string_view const x = left.next();
        std::string_view const y = right.next();
        if (x == ">" || y == ">") {
            return true;
        }
        if (x != y && x != "*" && y != "*") {
            return false;
        }
    }
    return left.done() && right.done();
}

std::optional<int> sampling_percentage(std::string_view text) {
    if (text.ends_with('%')) {
        text.remove_suffix(1);
    }
    std::optional<std::int64_t> const number = base::parse_int(text);
    if (!number) {
        return std::nullopt;
    }
    return static_cast<int>(std::clamp<std::int64_t>(*number, 0, 100));
}

}  // namespace signalbox::jetstream
