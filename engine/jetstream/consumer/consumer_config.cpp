#include "engine/jetstream/consumer/consumer_config.h"

#include "engine/base/rfc3339.h"
#include "engine/base/text.h"

#include <algorithm>
#include <utility>

namespace signalbox::jetstream {
namespace {

/// A word of the wire and what it means.
template <class Choice>
struct Word {
    char const* text;
    Choice choice;
};

constexpr Word<DeliverPolicy> kDeliverPolicies[] = {
    {"all", DeliverPolicy::All},
    {"last", DeliverPolicy::Last},
    {"new", DeliverPolicy::New},
    {"by_start_sequence", DeliverPolicy::ByStartSequence},
    {"by_start_time", DeliverPolicy::ByStartTime},
    {"last_per_subject", DeliverPolicy::LastPerSubject},
    {"undefined", DeliverPolicy::All},
    {"", DeliverPolicy::All},
};
constexpr Word<AckPolicy> kAckPolicies[] = {
    {"none", AckPolicy::None},
    {"all", AckPolicy::All},
    {"explicit", AckPolicy::Explicit},
    {"flow_control", AckPolicy::FlowControl},
};
constexpr Word<ReplayPolicy> kReplayPolicies[] = {
    {"instant", ReplayPolicy::Instant},
    {"original", ReplayPolicy::Original},
};
constexpr Word<PriorityPolicy> kPriorityPolicies[] = {
    {"none", PriorityPolicy::None},
    {"overflow", PriorityPolicy::Overflow},
    {"pinned_client", PriorityPolicy::PinnedClient},
    {"prioritized", PriorityPolicy::Prioritized},
    {"", PriorityPolicy::None},
};

template <class Choice, std::size_t N>
std::string_view word_of(Word<Choice> const (&words)[N], Choice choice) {
    for (Word<Choice> const& word : words) {
        if (word.choice == choice) {
            return word.text;
        }
    }
    return {};
}

std::string_view type_of(Json const& json) {
    if (json.as_bool() != nullptr) {
        return "bool";
    }
    if (json.as_text() != nullptr) {
        return "string";
    }
    if (json.as_array() != nullptr) {
        return "array";
    }
    return json.as_object() != nullptr ? "object" : "number";
}

/// One member of the object, on its way into a field.
struct Field {
    std::string_view name;
    Json const& json;

    Error mismatch(std::string_view wanted) const {
        return Error(Errc::Malformed, concat("json: cannot unmarshal ", type_of(json),
                                             " into Go struct field ConsumerConfig.config.", name,
                                             " of type ", wanted));
    }
};

Result<void> read(Field field, std::string& to) {
    std::string const* const text = field.json.as_text();
    if (text == nullptr) {
        return field.mismatch("string");
    }
    to = *text;
    return {};
}

Result<void> read(Field field, bool& to) {
    bool const* const yes = field.json.as_bool();
    if (yes == nullptr) {
        return field.mismatch("bool");
    }
    to = *yes;
    return {};
}

Result<void> read(Field field, std::int64_t& to) {
    std::optional<std::int64_t> const number = field.json.as_int();
    if (!number) {
        return field.mismatch("int");
    }
    to = *number;
    return {};
}

Result<void> read(Field field, int& to) {
    std::int64_t number = 0;
    if (Result<void> const done = read(field, number); !done.ok()) {
        return done;
    }
    to = static_cast<int>(std::clamp<std::int64_t>(number, -1'000, 1'000));
    return {};
}

Result<void> read(Field field, std::uint64_t& to) {
    std::optional<std::int64_t> const number = field.json.as_int();
    if (number) {
        if (*number < 0) {
            return field.mismatch("uint64");
        }
        to = static_cast<std::uint64_t>(*number);
        return {};
    }
    // Past what is signed, the reader has a fraction's precision, which such figures do not need.
    std::optional<double> const large = field.json.as_double();
    if (!large || *large < 0 || *large > 1.8446744073709552e19) {
        return field.mismatch("uint64");
    }
    to = *large >= 1.8446744073709552e19 ? ~std::uint64_t{0} : static_cast<std::uint64_t>(*large);
    return {};
}

Result<void> read(Field field, Duration& to) {
    std::optional<std::int64_t> const number = field.json.as_int();
    if (!number) {
        return field.mismatch("time.Duration");
    }
    to = Duration(*number);
    return {};
}

Result<void> read(Field field, std::optional<WallTime>& to) {
    std::string const* const text = field.json.as_text();
    if (text == nullptr) {
        return Error(Errc::Malformed, "Time.UnmarshalJSON: input is not a JSON string");
    }
    to = base::parse_rfc3339(*text);
    if (!to) {
        std::string const shown = base::quoted(*text);
        return Error(Errc::Malformed, concat("parsing time ", shown,
                                             " as \"2006-01-02T15:04:05Z07:00\": cannot "
                                             "parse ",
                                             shown, " as \"2006\""));
    }
    return {};
}

Result<void> read(Field field, WallTime& to) {
    std::optional<WallTime> time;
    if (Result<void> const done = read(field, time); !done.ok()) {
        return done;
    }
    to = *time;
    return {};
}

template <class T>
Result<void> read(Field field, std::vector<T>& to) {
    Json::Array const* const array = field.json.as_array();
    if (array == nullptr) {
        return field.mismatch("[]string");
    }
    to.clear();
    for (Json const& element : *array) {
        if (Result<void> const done = read(Field{field.name, element}, to.emplace_back());
            !done.ok()) {
            return done;
        }
    }
    return {};
}

Result<void> read(Field field, std::map<std::string, std::string>& to) {
    Json::Object const* const object = field.json.as_object();
    if (object == nullptr) {
        return field.mismatch("map[string]string");
    }
    for (auto const& [key, value] : *object) {
        if (Result<void> const done = read(Field{field.name, value}, to[key]); !done.ok()) {
            return done;
        }
    }
    return {};
}

template <class Choice, std::size_t N>
Result<void> read_word(Field field, Word<Choice> const (&words)[N], Choice& to) {
    std::string const* const text = field.json.as_text();
    if (text != nullptr) {
        for (Word<Choice> const& word : words) {
            if (*text == word.text) {
                to = word.choice;
                return {};
            }
        }
    }
    std::string shown;
    if (text != nullptr) {
        shown = base::quoted(*text);
    } else if (std::optional<std::int64_t> const number = field.json.as_int()) {
        append(shown, *number);
    } else {
        append(shown, type_of(field.json));
    }
    return Error(Errc::Malformed, concat("can not unmarshal ", base::quoted(shown)));
}

Result<void> read(Field field, DeliverPolicy& to) {
    return read_word(field, kDeliverPolicies, to);
}
Result<void> read(Field field, AckPolicy& to) {
    return read_word(field, kAckPolicies, to);
}
Result<void> read(Field field, ReplayPolicy& to) {
    return read_word(field, kReplayPolicies, to);
}
Result<void> read(Field field, PriorityPolicy& to) {
    if (std::string const* const text = field.json.as_text();
        text != nullptr && !read_word(field, kPriorityPolicies, to).ok()) {
        return Error(Errc::Malformed, concat("unknown priority policy: ", base::quoted(*text)));
    }
    return read_word(field, kPriorityPolicies, to);
}

struct Row {
    char const* name;
    Result<void> (*read)(Field field, ConsumerConfig& config);
};

#define SIGNALBOX_FIELD(name, member)                                                        \
    {                                                                                        \
        name, [](Field field, ConsumerConfig& config) { return read(field, config.member); } \
    }

constexpr Row kRows[] = {
    SIGNALBOX_FIELD("durable_name", durable_name),
    SIGNALBOX_FIELD("name", name),
    SIGNALBOX_FIELD("description", description),
    SIGNALBOX_FIELD("deliver_policy", start.policy),
    SIGNALBOX_FIELD("opt_start_seq", start.sequence),
    SIGNALBOX_FIELD("opt_start_time", start.time),
    SIGNALBOX_FIELD("ack_policy", acks.policy),
    SIGNALBOX_FIELD("ack_wait", acks.wait),
    SIGNALBOX_FIELD("max_deliver", acks.max_deliver),
    SIGNALBOX_FIELD("backoff", acks.backoff),
    SIGNALBOX_FIELD("filter_subject", filter_subject),
    SIGNALBOX_FIELD("filter_subjects", filter_subjects),
    SIGNALBOX_FIELD("replay_policy", replay),
    SIGNALBOX_FIELD("rate_limit_bps", push.rate_limit),
    SIGNALBOX_FIELD("sample_freq", acks.sample_frequency),
    SIGNALBOX_FIELD("max_waiting", pull.max_waiting),
    SIGNALBOX_FIELD("max_ack_pending", acks.max_pending),
    SIGNALBOX_FIELD("flow_control", push.flow_control),
    SIGNALBOX_FIELD("headers_only", headers_only),
    SIGNALBOX_FIELD("max_batch", pull.max_batch),
    SIGNALBOX_FIELD("max_expires", pull.max_expires),
    SIGNALBOX_FIELD("max_bytes", pull.max_bytes),
    SIGNALBOX_FIELD("deliver_subject", push.subject),
    SIGNALBOX_FIELD("deliver_group", push.group),
    SIGNALBOX_FIELD("idle_heartbeat", push.heartbeat),
    SIGNALBOX_FIELD("inactive_threshold", inactive_threshold),
    SIGNALBOX_FIELD("num_replicas", replicas),
    SIGNALBOX_FIELD("mem_storage", memory),
    SIGNALBOX_FIELD("direct", direct),
    SIGNALBOX_FIELD("sourcing", sourcing),
    SIGNALBOX_FIELD("metadata", metadata),
    SIGNALBOX_FIELD("pause_until", pause_until),
    SIGNALBOX_FIELD("priority_groups", priority.groups),
    SIGNALBOX_FIELD("priority_policy", priority.policy),
    SIGNALBOX_FIELD("priority_timeout", priority.timeout),
};

#undef SIGNALBOX_FIELD

Row const* find_row(std::string_view name) {
    for (Row const& row : kRows) {
        if (base::equal_ignoring_case(row.name, name)) {
            return &row;
        }
    }
    return nullptr;
}

void write_texts(JsonWriter& json, std::string_view name, std::vector<std::string> const& texts) {
    if (texts.empty()) {
        return;
    }
    json.key(name).begin_array();
    for (std::string const& text : texts) {
        json.value(text);
    }
    json.end_array();
}

void write_duration(JsonWriter& json, std::string_view name, Duration duration) {
    json.field_unless_empty(name, duration.count());
}

void write_acks(JsonWriter& json, ConsumerConfig const& config) {
    json.field("ack_policy", word_of(kAckPolicies, config.acks.policy));
    write_duration(json, "ack_wait", config.acks.wait);
    json.field_unless_empty("max_deliver", config.acks.max_deliver);
    if (!config.acks.backoff.empty()) {
        json.key("backoff").begin_array();
        for (Duration const pause : config.acks.backoff) {
            json.value(pause.count());
        }
        json.end_array();
    }
}

void write_delivery(JsonWriter& json, ConsumerConfig const& config) {
    json.field_unless_empty("max_waiting", config.pull.max_waiting)
        .field_unless_empty("max_ack_pending", config.acks.max_pending)
        .field_unless_empty("flow_control", config.push.flow_control)
        .field_unless_empty("headers_only", config.headers_only)
        .field_unless_empty("max_batch", config.pull.max_batch);
    write_duration(json, "max_expires", config.pull.max_expires);
    json.field_unless_empty("max_bytes", config.pull.max_bytes)
        .field_unless_empty("deliver_subject", config.push.subject)
        .field_unless_empty("deliver_group", config.push.group);
    write_duration(json, "idle_heartbeat", config.push.heartbeat);
    write_duration(json, "inactive_threshold", config.inactive_threshold);
}

void write_metadata(JsonWriter& json, ConsumerConfig const& config, ServerMetadata const& server) {
    std::map<std::string, std::string> metadata = config.metadata;
    if (!server.version.empty()) {
        metadata[kServerVersion] = server.version;
        metadata[kServerLevel] = concat(server.api_level);
    }
    if (metadata.empty()) {
        return;
    }
    json.key("metadata").begin_object();
    for (auto const& [key, value] : metadata) {
        json.field(key, value);
    }
    json.end_object();
}

void write_priority(JsonWriter& json, PrioritySettings const& priority) {
    write_texts(json, "priority_groups", priority.groups);
    if (priority.policy != PriorityPolicy::None) {
        json.field("priority_policy", word_of(kPriorityPolicies, priority.policy));
    }
    write_duration(json, "priority_timeout", priority.timeout);
}

}  // namespace

std::vector<std::string> ConsumerConfig::filters() const {
    if (!filter_subject.empty()) {
        return {filter_subject};
    }
    return filter_subjects;
}

Result<ConsumerConfig> read_consumer_config(Json const& json, UnknownFields unknown) {
    ConsumerConfig config;
    Json::Object const* const object = json.as_object();
    if (object == nullptr) {
        if (json.is_null()) {
            return config;
        }
        return Error(Errc::Malformed, concat("json: cannot unmarshal ", type_of(json),
                                             " into Go struct field CreateConsumerRequest.config "
                                             "of type server.ConsumerConfig"));
    }
    for (auto const& [name, value] : *object) {
        Row const* const row = find_row(name);
        if (row == nullptr && unknown == UnknownFields::Refuse) {
            return Error(Errc::Malformed, concat("json: unknown field ", base::quoted(name)));
        }
        if (row == nullptr || value.is_null()) {
            continue;
        }
        if (Result<void> const done = row->read(Field{row->name, value}, config); !done.ok()) {
            return done.error();
        }
    }
    return config;
}

void write_consumer_config(JsonWriter& json, ConsumerConfig const& config,
                           ServerMetadata const& server) {
    json.begin_object()
        .field_unless_empty("durable_name", config.durable_name)
        .field_unless_empty("name", config.name)
        .field_unless_empty("description", config.description)
        .field("deliver_policy", word_of(kDeliverPolicies, config.start.policy))
        .field_unless_empty("opt_start_seq", config.start.sequence);
    if (config.start.time) {
        json.field("opt_start_time", *config.start.time);
    }
    write_acks(json, config);
    json.field_unless_empty("filter_subject", config.filter_subject);
    write_texts(json, "filter_subjects", config.filter_subjects);
    json.field("replay_policy", word_of(kReplayPolicies, config.replay))
        .field_unless_empty("rate_limit_bps", config.push.rate_limit)
        .field_unless_empty("sample_freq", config.acks.sample_frequency);
    write_delivery(json, config);
    json.field("num_replicas", config.replicas)
        .field_unless_empty("mem_storage", config.memory)
        .field_unless_empty("direct", config.direct)
        .field_unless_empty("sourcing", config.sourcing);
    write_metadata(json, config, server);
    if (config.pause_until.is_set()) {
        json.field("pause_until", config.pause_until);
    }
    write_priority(json, config.priority);
    json.end_object();
}

}  // namespace signalbox::jetstream
