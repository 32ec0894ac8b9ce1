#include "engine/jetstream/api/account_info.h"

#include "engine/base/number.h"

namespace signalbox::jetstream {
namespace {

constexpr config::JetStreamTier kNoTier{.max_memory = 0,
                                        .max_storage = 0,
                                        .max_streams = 0,
                                        .max_consumers = 0,
                                        .max_ack_pending = 0,
                                        .memory_max_stream_bytes = 0,
                                        .storage_max_stream_bytes = 0,
                                        .max_bytes_required = false};

void write_usage(JsonWriter& json, AccountStreams const& account) {
    RoomTaken const used = account.used();
    RoomTaken const reserved = account.reserved();
    json.field("memory", used.memory)
        .field("storage", used.storage)
        .field("reserved_memory", reserved.memory)
        .field("reserved_storage", reserved.storage)
        .field("streams", account.all().size())
        .field("consumers", account.consumer_count());
}

}  // namespace

void write_limits(JsonWriter& json, config::JetStreamTier const& limits) {
    json.begin_object()
        .field("max_memory", limits.max_memory)
        .field("max_storage", limits.max_storage)
        .field("max_streams", limits.max_streams)
        .field("max_consumers", limits.max_consumers)
        .field("max_ack_pending", limits.max_ack_pending)
        .field("memory_max_stream_bytes", limits.memory_max_stream_bytes)
        .field("storage_max_stream_bytes", limits.storage_max_stream_bytes)
        .field("max_bytes_required", limits.max_bytes_required)
        .end_object();
}

void write_account_info(JsonWriter& json, JetStream const& jetstream,
                        AccountStreams const& account) {
    write_usage(json, account);
    config::JetStreamTier const* const flat = account.is_tiered() ? nullptr : account.tier(1);
    json.key("limits");
    write_limits(json, flat == nullptr ? kNoTier : *flat);
    json.field_unless_empty("domain", jetstream.options().domain);
    json.key("api")
        .begin_object()
        .field("level", kApiLevel)
        .field("total", account.api.total)
        .field("errors", account.api.errors)
        .end_object();
    if (!account.is_tiered()) {
        return;
    }
    json.key("tiers").begin_object();
    for (auto const& [name, tier] : account.limits().tiers) {
        json.key(name).begin_object();
        // All streams here have one replica.
        if (name == "R1") {
            write_usage(json, account);
        } else {
            for (char const* const figure : {"memory", "storage", "reserved_memory",
                                             "reserved_storage", "streams", "consumers"}) {
                json.field(figure, 0);
            }
        }
        json.key("limits");
        write_limits(json, tier);
        json.end_object();
    }
    json.end_object();
}

}  // namespace signalbox::jetstream
