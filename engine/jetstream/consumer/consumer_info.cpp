#include "engine/jetstream/consumer/consumer_info.h"

#include "engine/jetstream/consumer/consumer_service.h"

namespace signalbox::jetstream {
namespace {

constexpr char kZeroTime[] = "0001-01-01T00:00:00Z";

void write_position(JsonWriter& json, std::string_view name, Position const& position,
                    std::optional<WallTime> last_active) {
    json.key(name)
        .begin_object()
        .field("consumer_seq", position.consumer_sequence)
        .field("stream_seq", position.stream_sequence);
    if (last_active) {
        json.field("last_active", *last_active);
    }
    json.end_object();
}

void write_groups(JsonWriter& json, Consumer const& consumer, Pin const& pin) {
    PrioritySettings const& priority = consumer.config().priority;
    if (priority.policy == PriorityPolicy::None) {
        return;
    }
    json.key("priority_groups").begin_array();
    bool first = true;
    for (std::string const& group : priority.groups) {
        // Only the first group has a state of its own.
        bool const pinned = first && !pin.id.empty();
        json.begin_object().field("group", group);
        if (pinned) {
            json.field("pinned_client_id", pin.id).field("pinned_ts", pin.since);
        } else {
            json.field("pinned_ts", kZeroTime);
        }
        json.end_object();
        first = false;
    }
    json.end_array();
}

}  // namespace

void write_consumer_info(JsonWriter& json, Consumer const& consumer, std::string_view stream,
                         ServerMetadata const& server, WallTime now) {
    ConsumerState const& state = consumer.state();
    ConsumerService const* const service = consumer.service();
    json.field("stream_name", stream)
        .field("name", consumer.name())
        .field("created", consumer.created())
        .key("config");
    write_consumer_config(json, consumer.config(), server);
    bool const once = consumer.config().acks.max_deliver == 1;
    write_position(json, "delivered", state.delivered(),
                   service == nullptr ? std::nullopt : service->last_delivered());
    write_position(json, "ack_floor", state.ack_floor(),
                   service == nullptr ? std::nullopt : service->last_acked());
    json.field("num_ack_pending", state.pending().size())
        .field("num_redelivered", once ? 0 : state.redelivered())
        .field("num_waiting", service == nullptr ? 0 : service->waiting())
        .field("num_pending", consumer.left());
    if (service != nullptr) {
        json.field_unless_empty("push_bound", service->is_bound());
        if (service->is_paused()) {
            json.field("paused", true).field("pause_remaining", service->pause_left().count());
        }
    }
    json.field("ts", now);
    if (service != nullptr) {
        write_groups(json, consumer, service->pin());
    }
}

}  // namespace signalbox::jetstream
