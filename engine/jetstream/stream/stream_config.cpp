#include "engine/jetstream/stream/stream_config.h"

#include "engine/base/text.h"
#include "engine/jetstream/stream/json_fields.h"
#include "engine/protocol/info.h"

#include <algorithm>

namespace signalbox::jetstream {
namespace {

constexpr std::string_view kVersionKey = "_nats.ver";
constexpr std::string_view kLevelKey = "_nats.level";
constexpr std::string_view kRequiredKey = "_nats.req.level";

std::string_view name_of(Retention retention) {
    switch (retention) {
        case Retention::Limits:
            return "limits";
        case Retention::Interest:
            return "interest";
        case Retention::WorkQueue:
            return "workqueue";
    }
    return "";
}

/// A member that is one of two words; which is told to `out`.
void read_choice(JsonFields& fields, std::string_view name, std::string_view no,
                 std::string_view yes, bool& out) {
    std::string text;
    fields.read(name, text);
    if (text == yes) {
        out = true;
    } else if (!text.empty() && text != no) {
        fields.refuse(concat("can not unmarshal ", base::quoted(base::quoted(text))));
    } else if (text == no) {
        out = false;
    }
}

void read_retention(JsonFields& fields, Retention& out) {
    std::string text;
    fields.read("retention", text);
    for (Retention const one : {Retention::Limits, Retention::Interest, Retention::WorkQueue}) {
        if (text == name_of(one)) {
            out = one;
            return;
        }
    }
    if (!text.empty()) {
        fields.refuse(concat("can not unmarshal ", base::quoted(text)));
    }
}

SubjectTransform read_transform(Json const& json, JsonFields& outer, bool strict) {
    SubjectTransform transform;
    JsonFields fields(json);
    fields.read("src", transform.source);
    fields.read("dest", transform.destination);
    outer.take_fault(fields.finish(strict));
    return transform;
}

Republish read_republish(Json const& json, JsonFields& outer, bool strict) {
    Republish republish;
    JsonFields fields(json);
    fields.read("src", republish.source);
    fields.read("dest", republish.destination);
    fields.read("headers_only", republish.headers_only);
    outer.take_fault(fields.finish(strict));
    return republish;
}

Placement read_placement(Json const& json, JsonFields& outer, bool strict) {
    Placement placement;
    JsonFields fields(json);
    fields.read("cluster", placement.cluster);
    fields.read("tags", placement.tags);
    fields.read("preferred", placement.preferred);
    outer.take_fault(fields.finish(strict));
    return placement;
}

ExternalStream read_external(Json const& json, JsonFields& outer, bool strict) {
    ExternalStream external;
    JsonFields fields(json);
    fields.read("api", external.api);
    fields.read("deliver", external.deliver);
    outer.take_fault(fields.finish(strict));
    return external;
}

SourceConsumer read_source_consumer(Json const& json, JsonFields& outer, bool strict) {
    SourceConsumer consumer;
    JsonFields fields(json);
    fields.read("name", consumer.name);
    fields.read("deliver_subject", consumer.deliver_subject);
    outer.take_fault(fields.finish(strict));
    return consumer;
}

StreamSource read_source(Json const& json, JsonFields& outer, bool strict) {
    StreamSource source;
    JsonFields fields(json);
    fields.read("name", source.name);
    fields.read("opt_start_seq", source.start_sequence);
    fields.read("opt_start_time", source.start_time);
    fields.read("filter_subject", source.filter);
    if (Json const* const transforms = fields.find("subject_transforms")) {
        if (auto const* array = transforms->as_array()) {
            for (Json const& one : *array) {
                source.transforms.push_back(read_transform(one, fields, strict));
            }
        }
    }
    if (Json const* const external = fields.find("external")) {
        source.external = read_external(*external, fields, strict);
    }
    if (Json const* const consumer = fields.find("consumer")) {
        source.consumer = read_source_consumer(*consumer, fields, strict);
    }
    outer.take_fault(fields.finish(strict));
    return source;
}

void read_sources(JsonFields& fields, StreamConfig& config, bool strict) {
    if (Json const* const mirror = fields.find("mirror")) {
        config.mirror = read_source(*mirror, fields, strict);
    }
    Json const* const sources = fields.find("sources");
    auto const* array = sources == nullptr ? nullptr : sources->as_array();
    if (array != nullptr) {
        for (Json const& one : *array) {
            config.sources.push_back(read_source(one, fields, strict));
        }
    }
}

void read_limits(JsonFields& fields, StreamConfig& config) {
    read_retention(fields, config.retention);
    fields.read("max_consumers", config.max_consumers);
    fields.read("max_msgs", config.max_messages);
    fields.read("max_bytes", config.max_bytes);
    fields.read("max_age", config.max_age);
    fields.read("max_msgs_per_subject", config.max_messages_per_subject);
    fields.read("max_msg_size", config.max_message_size);
    bool discard_new = false;
    read_choice(fields, "discard", "old", "new", discard_new);
    config.discard = discard_new ? Discard::New : Discard::Old;
    read_choice(fields, "storage", "file", "memory", config.memory);
    fields.read("num_replicas", config.replicas);
    fields.read("no_ack", config.no_ack);
    fields.read("duplicate_window", config.duplicate_window);
    fields.read("first_seq", config.first_sequence);
    read_choice(fields, "compression", "none", "s2", config.compressed);
    read_choice(fields, "persist_mode", "default", "async", config.persist_async);
}

void read_switches(JsonFields& fields, StreamConfig& config) {
    fields.read("allow_direct", config.allow_direct);
    fields.read("mirror_direct", config.mirror_direct);
    fields.read("discard_new_per_subject", config.discard_new_per_subject);
    fields.read("sealed", config.sealed);
    fields.read("deny_delete", config.deny_delete);
    fields.read("deny_purge", config.deny_purge);
    fields.read("allow_rollup_hdrs", config.allow_rollup);
    fields.read("allow_msg_ttl", config.allow_ttl);
    fields.read("subject_delete_marker_ttl", config.delete_marker_ttl);
    fields.read("allow_msg_counter", config.counter);
    fields.read("allow_atomic", config.allow_atomic);
    fields.read("allow_msg_schedules", config.allow_schedules);
    fields.read("allow_batched", config.allow_batched);
}

void read_metadata(JsonFields& fields, std::map<std::string, std::string>& out) {
    Json const* const metadata = fields.find("metadata");
    auto const* members = metadata == nullptr ? nullptr : metadata->as_object();
    if (members == nullptr) {
        return;
    }
    for (auto const& [name, value] : *members) {
        if (auto const* text = value.as_text()) {
            out.insert_or_assign(name, *text);
        } else {
            fields.refuse("json: cannot unmarshal a value of metadata into type string");
        }
    }
}

void read_consumer_limits(JsonFields& fields, ConsumerLimits& out, bool strict) {
    if (Json const* const limits = fields.find("consumer_limits")) {
        JsonFields inner(*limits);
        inner.read("inactive_threshold", out.inactive_threshold);
        inner.read("max_ack_pending", out.max_ack_pending);
        fields.take_fault(inner.finish(strict));
    }
}

void write_source(JsonWriter& json, StreamSource const& source) {
    json.begin_object().field("name", source.name);
    json.field_unless_empty("opt_start_seq", source.start_sequence);
    if (source.start_time) {
        json.field("opt_start_time", *source.start_time);
    }
    json.field_unless_empty("filter_subject", source.filter);
    if (!source.transforms.empty()) {
        json.key("subject_transforms").begin_array();
        for (SubjectTransform const& transform : source.transforms) {
            write(json, transform);
        }
        json.end_array();
    }
    if (source.external) {
        json.key("external");
        write(json, *source.external);
    }
    if (source.consumer) {
        json.key("consumer").begin_object().field_unless_empty("name", source.consumer->name);
        json.field_unless_empty("deliver_subject", source.consumer->deliver_subject).end_object();
    }
    json.end_object();
}

void write_texts(JsonWriter& json, std::vector<std::string> const& texts) {
    json.begin_array();
    for (std::string const& text : texts) {
        json.value(text);
    }
    json.end_array();
}

void write_limits(JsonWriter& json, StreamConfig const& config) {
    json.field("name", config.name).field_unless_empty("description", config.description);
    if (!config.subjects.empty()) {
        json.key("subjects");
        write_texts(json, config.subjects);
    }
    json.field("retention", name_of(config.retention))
        .field("max_consumers", config.max_consumers)
        .field("max_msgs", config.max_messages)
        .field("max_bytes", config.max_bytes)
        .field("max_age", config.max_age.count())
        .field("max_msgs_per_subject", config.max_messages_per_subject)
        .field_unless_empty("max_msg_size", config.max_message_size)
        .field("discard", config.discard == Discard::Old ? "old" : "new")
        .field("storage", config.memory ? "memory" : "file")
        .field("num_replicas", config.replicas)
        .field_unless_empty("no_ack", config.no_ack)
        .field_unless_empty("duplicate_window", config.duplicate_window.count());
}

void write_origins(JsonWriter& json, StreamConfig const& config) {
    if (config.placement) {
        json.key("placement").begin_object();
        json.field_unless_empty("cluster", config.placement->cluster);
        if (!config.placement->tags.empty()) {
            json.key("tags");
            write_texts(json, config.placement->tags);
        }
        json.field_unless_empty("preferred", config.placement->preferred).end_object();
    }
    if (config.mirror) {
        json.key("mirror");
        write_source(json, *config.mirror);
    }
    if (!config.sources.empty()) {
        json.key("sources").begin_array();
        for (StreamSource const& source : config.sources) {
            write_source(json, source);
        }
        json.end_array();
    }
    json.field("compression", config.compressed ? "s2" : "none");
    json.field_unless_empty("first_seq", config.first_sequence);
    if (config.transform) {
        json.key("subject_transform");
        write(json, *config.transform);
    }
    if (config.republish) {
        json.key("republish").begin_object();
        json.field_unless_empty("src", config.republish->source);
        json.field("dest", config.republish->destination);
        json.field_unless_empty("headers_only", config.republish->headers_only).end_object();
    }
}

void write_switches(JsonWriter& json, StreamConfig const& config) {
    json.field("allow_direct", config.allow_direct)
        .field("mirror_direct", config.mirror_direct)
        .field_unless_empty("discard_new_per_subject", config.discard_new_per_subject)
        .field("sealed", config.sealed)
        .field("deny_delete", config.deny_delete)
        .field("deny_purge", config.deny_purge)
        .field("allow_rollup_hdrs", config.allow_rollup);
    json.key("consumer_limits").begin_object();
    json.field_unless_empty("inactive_threshold",
                            config.consumer_limits.inactive_threshold.count());
    json.field_unless_empty("max_ack_pending", config.consumer_limits.max_ack_pending).end_object();
    json.field("allow_msg_ttl", config.allow_ttl)
        .field_unless_empty("subject_delete_marker_ttl", config.delete_marker_ttl.count())
        .field_unless_empty("allow_msg_counter", config.counter)
        .field_unless_empty("allow_atomic", config.allow_atomic)
        .field_unless_empty("allow_msg_schedules", config.allow_schedules);
    if (config.persist_async) {
        json.field("persist_mode", "async");
    }
    json.field_unless_empty("allow_batched", config.allow_batched);
}

bool is_noted_by_servers(std::string_view key) {
    return key == kVersionKey || key == kLevelKey || key == kRequiredKey;
}

}  // namespace

Result<StreamRequest> read_stream_request(Json const& json, Fields how) {
    bool const strict = how == Fields::Strict;
    StreamRequest request;
    StreamConfig& config = request.config;
    JsonFields fields(json);
    fields.read("pedantic", request.pedantic);
    fields.read("name", config.name);
    fields.read("description", config.description);
    fields.read("subjects", config.subjects);
    read_limits(fields, config);
    if (Json const* const placement = fields.find("placement")) {
        Placement const read = read_placement(*placement, fields, strict);
        config.placement = read.empty() ? std::nullopt : std::optional(read);
    }
    read_sources(fields, config, strict);
    if (Json const* const transform = fields.find("subject_transform")) {
        config.transform = read_transform(*transform, fields, strict);
    }
    if (Json const* const republish = fields.find("republish")) {
        config.republish = read_republish(*republish, fields, strict);
    }
    read_switches(fields, config);
    read_consumer_limits(fields, config.consumer_limits, strict);
    read_metadata(fields, config.metadata);
    TRY(fields.finish(strict));
    return request;
}

void write(JsonWriter& json, SubjectTransform const& transform) {
    json.begin_object().field("src", transform.source).field("dest", transform.destination);
    json.end_object();
}

void write(JsonWriter& json, ExternalStream const& external) {
    json.begin_object().field("api", external.api).field("deliver", external.deliver);
    json.end_object();
}

void write(JsonWriter& json, StreamConfig const& config) {
    json.begin_object();
    write_limits(json, config);
    write_origins(json, config);
    write_switches(json, config);
    if (!config.metadata.empty()) {
        json.key("metadata").begin_object();
        for (auto const& [name, value] : config.metadata) {
            json.field(name, value);
        }
        json.end_object();
    }
    json.end_object();
}

void write_as_told(JsonWriter& json, StreamConfig const& config) {
    StreamConfig told = config;
    told.metadata.insert_or_assign(std::string(kVersionKey),
                                   std::string(protocol::kCompatibleVersion));
    told.metadata.insert_or_assign(std::string(kLevelKey), std::to_string(kApiLevel));
    write(json, told);
}

bool same_stream(StreamConfig const& a, StreamConfig const& b) {
    StreamConfig one = a;
    StreamConfig other = b;
    for (StreamConfig* const config : {&one, &other}) {
        std::erase_if(config->metadata,
                      [](auto const& entry) { return is_noted_by_servers(entry.first); });
    }
    return one == other;
}

int required_level(StreamConfig const& config) {
    auto const has_consumer = [](StreamSource const& source) {
        return source.consumer.has_value();
    };
    if (config.allow_batched || std::ranges::any_of(config.sources, has_consumer) ||
        (config.mirror && has_consumer(*config.mirror))) {
        return 4;
    }
    if (config.counter || config.allow_atomic || config.allow_schedules || config.persist_async) {
        return 2;
    }
    return config.allow_ttl || config.delete_marker_ttl > Duration{0} ? 1 : 0;
}

void note_required_level(StreamConfig& config) {
    std::erase_if(config.metadata,
                  [](auto const& entry) { return is_noted_by_servers(entry.first); });
    config.metadata.insert_or_assign(std::string(kRequiredKey),
                                     std::to_string(required_level(config)));
}

}  // namespace signalbox::jetstream
