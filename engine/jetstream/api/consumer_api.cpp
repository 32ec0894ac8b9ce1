#include "engine/jetstream/api/consumer_api.h"

#include "engine/base/rfc3339.h"
#include "engine/base/text.h"
#include "engine/jetstream/api/consumer_request.h"
#include "engine/jetstream/consumer/consumer_info.h"
#include "engine/jetstream/consumer/consumer_service.h"
#include "engine/jetstream/consumer/consumers.h"
#include "engine/jetstream/stream/stream_config.h"
#include "engine/protocol/info.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace signalbox::jetstream {
namespace {

constexpr std::int64_t kMostNames = 1'024;
constexpr std::int64_t kMostListed = 256;
/// `$JS.API.CONSUMER.INFO.<stream>.<consumer>`, and with one more word before.
constexpr std::size_t kStreamAt = 4;
constexpr std::size_t kLongStreamAt = 5;
constexpr char kZeroTime[] = "0001-01-01T00:00:00Z";

constexpr ServerMetadata kAsTold{.version = protocol::kCompatibleVersion, .api_level = kApiLevel};

WallTime now(ApiCall const& call) {
    return call.jetstream().parts().world.clock().wall_now();
}

/// All streams of this server have their consumers made so.
Consumers& consumers_of(Stream const& stream) {
    return static_cast<Consumers&>(*stream.consumers());
}

/// The consumer that a request is about, with its stream's others.
struct Named {
    Consumers* all = nullptr;
    Consumer* one = nullptr;
};

/// Both null: there is none, and `error` says why.
Named find_named(ApiCall const& call, ApiError& error) {
    Stream const* const stream = call.account().find(call.token(kStreamAt));
    if (stream == nullptr || stream->consumers() == nullptr) {
        error = api_error(ApiErrc::StreamNotFound);
        return {};
    }
    Consumers& all = consumers_of(*stream);
    Consumer* const one = all.find(call.token(kStreamAt + 1));
    if (one == nullptr) {
        error = api_error(ApiErrc::ConsumerNotFound);
        return {};
    }
    if (one->service() != nullptr) {
        one->service()->look_for_interest();
    }
    return {&all, one};
}

void write_info(JsonWriter& json, ApiCall const& call, Consumers const& all,
                Consumer const& consumer, ServerMetadata const& server) {
    write_consumer_info(json, consumer, all.facts().name, server, now(call));
}

/// What became of the consumer of that name.
void tell(ApiCall& call, Consumers& all, std::string const& name, bool applied) {
    Consumer const* const consumer = applied ? all.find(name) : nullptr;
    if (consumer == nullptr) {
        call.refuse(api_error(ApiErrc::ClusterNotAvail));
        return;
    }
    call.answer([&](JsonWriter& json) { write_info(json, call, all, *consumer, kAsTold); });
}

std::string random_name(world::Entropy& entropy) {
    constexpr std::string_view kDigits =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    constexpr std::size_t kLength = 8;
    std::string name;
    while (name.size() < kLength) {
        name += kDigits[entropy.below(kDigits.size())];
    }
    return name;
}

std::vector<ConsumerConfig const*> others(Consumers const& all, std::string_view but) {
    std::vector<ConsumerConfig const*> configs;
    for (auto const& [name, consumer] : all.all()) {
        if (name != but) {
            configs.push_back(&consumer->config());
        }
    }
    return configs;
}

void make_new(ApiCallPtr const& call, Consumers& all, ConsumerRequest request) {
    ConsumerConfig& config = request.config;
    if (request.action == ConsumerAction::Update) {
        return call->refuse(api_error(ApiErrc::ConsumerDoesNotExist));
    }
    std::int64_t const most = all.facts().max_consumers;
    bool const internal = config.direct || config.sourcing;
    if (most > 0 && !internal && static_cast<std::int64_t>(all.count()) >= most) {
        return call->refuse(api_error(ApiErrc::MaximumConsumersLimit));
    }
    if (!config.is_durable() && config.inactive_threshold.count() == 0) {
        config.inactive_threshold = kDefaultInactiveThreshold;
    }
    if (config.name.empty()) {
        config.name = random_name(call->jetstream().parts().world.entropy());
    }
    std::string const name = config.name;
    all.create(config, [call, &all, name](bool applied) { tell(*call, all, name, applied); });
}

void change(ApiCallPtr const& call, Consumers& all, Consumer& consumer, ConsumerRequest request) {
    ConsumerConfig& config = request.config;
    config.pause_until = consumer.config().pause_until;
    config = with_defaults(std::move(config), all.facts());
    bool const ephemeral = !config.is_durable() && config.inactive_threshold.count() == 0;
    if (ephemeral && !consumer.config().is_durable()) {
        config.inactive_threshold = kDefaultInactiveThreshold;
    }
    bool const same = same_request(consumer.config(), config);
    if (request.action == ConsumerAction::Create && !same) {
        return call->refuse(api_error(ApiErrc::ConsumerAlreadyExists));
    }
    if (same) {
        return tell(*call, all, consumer.name(), true);
    }
    if (Refusal const refusal = check_update(consumer.config(), config)) {
        return call->refuse(*refusal);
    }
    if (consumer.service() != nullptr) {
        consumer.service()->look_for_interest();
    }
    bool const bound = consumer.service() != nullptr && consumer.service()->is_bound();
    if (bound && config.push.subject != consumer.config().push.subject) {
        return call->refuse(api_error(ApiErrc::ConsumerNameExist));
    }
    std::string const name = consumer.name();
    all.update(name, config, [call, &all, name](bool applied) { tell(*call, all, name, applied); });
}

void make(ApiCallPtr const& call, ConsumerSubject const& subject) {
    ConsumerRequest request;
    if (!base::trim(call->payload()).empty()) {
        Json const* const json = call->json(false);
        if (json == nullptr) {
            return;
        }
        Result<ConsumerRequest> read = read_consumer_request(
            *json, call->strict() ? UnknownFields::Refuse : UnknownFields::Ignore);
        if (!read.ok()) {
            return call->refuse(api_error(ApiErrc::InvalidJSON, read.error().detail()));
        }
        request = std::move(read).value();
    }
    if (Refusal const refusal = reconcile(request, subject)) {
        return call->refuse(*refusal);
    }
    Stream const* const stream = call->account().find(subject.stream);
    if (stream == nullptr || stream->consumers() == nullptr) {
        return call->refuse(api_error(ApiErrc::StreamNotFound));
    }
    if (request.config.replicas > 1 && stream->config().replicas <= 1) {
        return call->refuse(api_error(ApiErrc::StreamReplicasNotSupported));
    }
    Consumers& all = consumers_of(*stream);
    ConsumerConfig const settled = with_defaults(request.config, all.facts());
    Refusal refusal = check_config(settled, all.facts());
    if (!refusal && all.facts().retention == Retention::WorkQueue) {
        refusal = check_beside_others(settled, all.facts(), others(all, settled.name));
    }
    if (refusal) {
        return call->refuse(*refusal);
    }
    request.config = settled;
    Consumer* const existing = settled.name.empty() ? nullptr : all.find(settled.name);
    if (existing == nullptr) {
        make_new(call, all, std::move(request));
    } else {
        change(call, all, *existing, std::move(request));
    }
}

void create_unnamed(ApiCallPtr const& call) {
    make(call, {.stream = call->token(kStreamAt), .consumer = {}, .filter = {}});
}

void create(ApiCallPtr const& call) {
    make(call, {.stream = call->token(kStreamAt),
                .consumer = call->token(kStreamAt + 1),
                .filter = call->from_token(kStreamAt + 2)});
}

void create_durable(ApiCallPtr const& call) {
    make(call, {.stream = call->token(kLongStreamAt),
                .consumer = call->token(kLongStreamAt + 1),
                .filter = {},
                .durable = true});
}

/// Those that people made, in the order of their names; null: there is no such stream, which was
/// answered.
bool read_list(ApiCall& call, Paging& paging, Consumers*& all,
               std::vector<Consumer const*>& listed) {
    Stream const* const stream = call.account().find(call.token(kStreamAt));
    if (stream == nullptr || stream->consumers() == nullptr) {
        call.refuse(api_error(ApiErrc::StreamNotFound), [](JsonWriter& json) {
            write_paging(json, 0, 0, 0);
            json.key("consumers").begin_array().end_array();
        });
        return false;
    }
    if (!read_paging(call, paging)) {
        return false;
    }
    all = &consumers_of(*stream);
    for (auto const& [name, consumer] : all->all()) {
        if (!consumer->config().direct && !consumer->config().sourcing) {
            listed.push_back(consumer.get());
        }
    }
    paging.offset = std::min(paging.offset, static_cast<std::int64_t>(listed.size()));
    return true;
}

std::span<Consumer const* const> page(std::vector<Consumer const*> const& listed,
                                      std::int64_t offset, std::int64_t limit) {
    auto const begin = static_cast<std::size_t>(offset);
    return std::span(listed).subspan(
        begin, std::min(static_cast<std::size_t>(limit), listed.size() - begin));
}

void names(ApiCallPtr const& call) {
    Paging paging;
    Consumers* all = nullptr;
    std::vector<Consumer const*> listed;
    if (!read_list(*call, paging, all, listed)) {
        return;
    }
    call->answer([&](JsonWriter& json) {
        write_paging(json, listed.size(), paging.offset, kMostNames);
        json.key("consumers").begin_array();
        for (Consumer const* const consumer : page(listed, paging.offset, kMostNames)) {
            json.value(consumer->name());
        }
        json.end_array();
    });
}

void list(ApiCallPtr const& call) {
    Paging paging;
    Consumers* all = nullptr;
    std::vector<Consumer const*> listed;
    if (!read_list(*call, paging, all, listed)) {
        return;
    }
    call->answer([&](JsonWriter& json) {
        write_paging(json, listed.size(), paging.offset, kMostListed);
        json.key("consumers").begin_array();
        for (Consumer const* const consumer : page(listed, paging.offset, kMostListed)) {
            json.begin_object();
            write_info(json, *call, *all, *consumer, {});
            json.end_object();
        }
        json.end_array();
    });
}

void info(ApiCallPtr const& call) {
    if (!expects_nothing(*call)) {
        return;
    }
    ApiError error;
    Named const named = find_named(*call, error);
    if (named.one == nullptr) {
        return call->refuse(error);
    }
    call->answer(
        [&](JsonWriter& json) { write_info(json, *call, *named.all, *named.one, kAsTold); });
}

void remove(ApiCallPtr const& call) {
    if (!expects_nothing(*call)) {
        return;
    }
    ApiError error;
    Named const named = find_named(*call, error);
    if (named.one == nullptr) {
        return call->refuse(error);
    }
    named.all->remove(named.one->name(), [call](bool applied) {
        if (applied) {
            call->answer_success();
        } else {
            call->refuse(api_error(ApiErrc::ClusterNotAvail));
        }
    });
}

void write_pause(JsonWriter& json, WallTime until, Duration left) {
    json.field("paused", left.count() > 0);
    if (until.is_set()) {
        json.field("pause_until", until);
    } else {
        json.field("pause_until", kZeroTime);
    }
    json.field_unless_empty("pause_remaining", std::max(left, Duration(0)).count());
}

void pause(ApiCallPtr const& call) {
    auto const unpaused = [](JsonWriter& json) { write_pause(json, {}, Duration(0)); };
    WallTime until;
    if (!base::trim(call->payload()).empty()) {
        Json const* const json = call->json(true);
        if (json == nullptr) {
            return;
        }
        Json const* const member = json->find("pause_until");
        if (member != nullptr && member->as_text() != nullptr) {
            auto const time = base::parse_rfc3339(*member->as_text());
            if (!time) {
                std::string const shown = base::quoted(*member->as_text());
                std::string const why = concat("parsing time ", shown,
                                               " as \"2006-01-02T15:04:05Z07:00\": cannot parse ",
                                               shown, " as \"2006\"");
                return call->refuse(api_error(ApiErrc::InvalidJSON, why), unpaused);
            }
            until = *time;
        }
    }
    ApiError error;
    Named const named = find_named(*call, error);
    if (named.one == nullptr) {
        return call->refuse(error, unpaused);
    }
    Duration const left = until.is_set() ? until - now(*call) : Duration(0);
    named.all->pause(named.one->name(), left.count() > 0 ? until : WallTime(),
                     [call, until, left, unpaused](bool applied) {
                         if (!applied) {
                             return call->refuse(api_error(ApiErrc::ClusterNotAvail), unpaused);
                         }
                         call->answer([&](JsonWriter& json) { write_pause(json, until, left); });
                     });
}

void unpin(ApiCallPtr const& call) {
    Json const* const json = call->json(false);
    if (json == nullptr) {
        return;
    }
    Json const* const member = json->find("group");
    std::string const group =
        member == nullptr || member->as_text() == nullptr ? std::string() : *member->as_text();
    if (group.empty()) {
        return call->refuse(api_error(ApiErrc::InvalidJSON, "consumer group not specified"));
    }
    if (!is_group_name(group)) {
        return call->refuse(api_error(ApiErrc::ConsumerInvalidGroupName));
    }
    ApiError error;
    Named const named = find_named(*call, error);
    if (named.one == nullptr) {
        return call->refuse(error);
    }
    auto const& groups = named.one->config().priority.groups;
    if (std::ranges::find(groups, group) == groups.end()) {
        return call->refuse(api_error(ApiErrc::ConsumerInvalidPriorityGroup));
    }
    named.all->unpin(*named.one);
    call->answer([](JsonWriter&) {});
}

/// Why a consumer may not begin again at `sequence`; empty: it may.
std::string_view reset_refusal(Consumer const& consumer, Stream const& stream,
                               std::uint64_t sequence) {
    StartPosition const& start = consumer.config().start;
    switch (start.policy) {
        case DeliverPolicy::All:
            return {};
        case DeliverPolicy::ByStartSequence:
            return sequence < start.sequence ? "below start seq" : std::string_view();
        case DeliverPolicy::ByStartTime: {
            std::uint64_t const first =
                stream.store().first_not_before(start.time.value_or(WallTime()));
            return sequence < first ? "below start time" : std::string_view();
        }
        case DeliverPolicy::Last:
        case DeliverPolicy::New:
        case DeliverPolicy::LastPerSubject:
            return "not allowed";
    }
    return {};
}

void reset(ApiCallPtr const& call) {
    auto const nowhere = [](JsonWriter& json) { json.field("reset_seq", 0); };
    std::uint64_t sequence = 0;
    if (!base::trim(call->payload()).empty()) {
        Json const* const json = call->json(true);
        if (json == nullptr) {
            return;
        }
        if (Json const* const member = json->find("seq"); member != nullptr) {
            std::optional<std::int64_t> const number = member->as_int();
            if (!number || *number < 0) {
                return call->refuse(api_error(ApiErrc::InvalidJSON,
                                              "json: cannot unmarshal string into Go struct field "
                                              "JSApiConsumerResetRequest.seq of type uint64"),
                                    nowhere);
            }
            sequence = static_cast<std::uint64_t>(*number);
        }
    }
    ApiError error;
    Named const named = find_named(*call, error);
    if (named.one == nullptr) {
        return call->refuse(error, nowhere);
    }
    Stream const& stream = *call->account().find(call->token(kStreamAt));
    if (sequence > 0) {
        std::string_view const why = reset_refusal(*named.one, stream, sequence);
        if (!why.empty()) {
            return call->refuse(api_error(ApiErrc::ConsumerInvalidReset, why), nowhere);
        }
    }
    std::uint64_t const next =
        sequence > 0 ? sequence : named.one->state().ack_floor().stream_sequence + 1;
    std::string const name = named.one->name();
    Consumers* const all = named.all;
    all->reset(name, next, [call, all, name, next, nowhere](bool applied) {
        Consumer const* const consumer = applied ? all->find(name) : nullptr;
        if (consumer == nullptr) {
            return call->refuse(api_error(ApiErrc::ClusterNotAvail), nowhere);
        }
        call->answer([&](JsonWriter& json) {
            write_info(json, *call, *all, *consumer, kAsTold);
            json.field("reset_seq", next);
        });
    });
}

void step_down(ApiCallPtr const& call) {
    call->refuse(api_error(ApiErrc::ClusterRequired));
}

constexpr ApiRoute kRoutes[] = {
    {"CONSUMER.CREATE.*", "consumer_create_response", create_unnamed},
    {"CONSUMER.CREATE.*.*", "consumer_create_response", create},
    {"CONSUMER.CREATE.*.*.>", "consumer_create_response", create},
    {"CONSUMER.DURABLE.CREATE.*.*", "consumer_create_response", create_durable},
    {"CONSUMER.NAMES.*", "consumer_names_response", names},
    {"CONSUMER.LIST.*", "consumer_list_response", list},
    {"CONSUMER.INFO.*.*", "consumer_info_response", info},
    {"CONSUMER.DELETE.*.*", "consumer_delete_response", remove},
    {"CONSUMER.PAUSE.*.*", "consumer_pause_response", pause},
    {"CONSUMER.UNPIN.*.*", "consumer_unpin_response", unpin},
    {"CONSUMER.RESET.*.*", "consumer_reset_response", reset},
    {"CONSUMER.LEADER.STEPDOWN.*.*", "consumer_leader_stepdown_response", step_down},
};

}  // namespace

std::span<ApiRoute const> consumer_routes() {
    return kRoutes;
}

}  // namespace signalbox::jetstream
