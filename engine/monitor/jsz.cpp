#include "engine/monitor/jsz.h"

#include "engine/base/json_writer.h"
#include "engine/jetstream/api/stream_info.h"

#include <algorithm>
#include <vector>

namespace signalbox::monitor {
namespace {

using jetstream::AccountStreams;
using jetstream::JetStream;

/// How often the reference syncs, which it tells beside that it always does.
constexpr Duration kSyncInterval = base::minutes(2);

void write_server(JsonWriter& json, MonitorSource const& source, WallTime now) {
    json.field("server_id", source.server().id).field("now", now);
}

/// A server without streams.
Answer disabled(MonitorSource const& source, WallTime now, Layout layout) {
    JsonWriter json(indent_of(layout));
    json.begin_object();
    for (char const* name :
         {"memory", "storage", "reserved_memory", "reserved_storage", "accounts", "ha_assets"}) {
        json.field(name, 0);
    }
    json.key("api").begin_object().field("level", 0).field("total", 0).field("errors", 0);
    json.end_object();
    write_server(json, source, now);
    json.field("disabled", true).key("config").begin_object();
    json.field("max_memory", 0).field("max_storage", 0).end_object();
    for (char const* name : {"streams", "consumers", "messages", "bytes", "total"}) {
        json.field(name, 0);
    }
    json.end_object();
    return answer_whole(json.take());
}

/// A limit as it stands in a field without a sign: none is the largest number.
std::uint64_t unsigned_limit(std::int64_t limit) {
    return static_cast<std::uint64_t>(limit);
}

void write_api(JsonWriter& json, int level, jetstream::ApiCounts const& counts) {
    json.key("api").begin_object().field("level", level);
    json.field("total", counts.total).field("errors", counts.errors).end_object();
}

void write_stream(JsonWriter& json, jetstream::Stream const& stream, JszOptions const& options,
                  std::string const& server) {
    json.begin_object().field("name", stream.name()).field("created", stream.created());
    json.key("cluster").begin_object().field("leader", server).end_object();
    if (options.config) {
        json.key("config");
        write(json, stream.config());
    }
    json.key("state");
    write_state(json, stream, {});
    json.end_object();
}

void write_account(JsonWriter& json, AccountStreams const& account, JszOptions const& options,
                   std::string const& server) {
    std::string const& name = account.account().name();
    jetstream::RoomTaken const used = account.used();
    config::JetStreamTier const* const flat = account.is_tiered() ? nullptr : account.tier(1);
    json.begin_object().field("name", name).field("id", name);
    json.field("memory", used.memory).field("storage", used.storage);
    json.field("reserved_memory", flat == nullptr ? 0 : unsigned_limit(flat->max_memory));
    json.field("reserved_storage", flat == nullptr ? 0 : unsigned_limit(flat->max_storage));
    json.field("accounts", 0).field("ha_assets", 0);
    write_api(json, 0, account.api);
    if (options.streams && !account.all().empty()) {
        json.key("stream_detail").begin_array();
        for (auto const& [stream_name, stream] : account.all()) {
            write_stream(json, *stream, options, server);
        }
        json.end_array();
    }
    json.end_object();
}

void write_accounts(JsonWriter& json, JetStream const& streams, JszOptions const& options,
                    std::string const& server) {
    std::vector<AccountStreams const*> shown;
    std::int64_t at = 0;
    for (auto const& [name, account] : streams.accounts()) {
        if (!options.account.empty()) {
            if (name == options.account) {
                shown.push_back(account.get());
            }
        } else if (at++ >= options.offset && at <= options.offset + options.limit) {
            shown.push_back(account.get());
        }
    }
    if (shown.empty()) {
        return;
    }
    json.key("account_details").begin_array();
    for (AccountStreams const* account : shown) {
        write_account(json, *account, options, server);
    }
    json.end_array();
}

void settle(JszOptions& options) {
    options.streams = options.streams || options.consumers;
    options.accounts = options.accounts || options.streams || !options.account.empty();
    options.offset = std::max<std::int64_t>(options.offset, 0);
    options.limit = options.limit <= 0 ? Paging::kDefaultLimit : options.limit;
}

}  // namespace

Result<JszOptions> JszOptions::read(Query const& query) {
    JszOptions options;
    options.account = query.text("acc");
    options.accounts = TRY(query.boolean("accounts"));
    options.streams = TRY(query.boolean("streams"));
    options.consumers = TRY(query.boolean("consumers"));
    TRY(query.boolean("direct-consumers"));
    options.config = TRY(query.boolean("config"));
    TRY(query.boolean("leader-only"));
    options.raft = TRY(query.boolean("raft"));
    options.only_led_streams = TRY(query.boolean("stream-leader-only"));
    options.offset = TRY(query.integer("offset"));
    options.limit = TRY(query.integer("limit"));
    settle(options);
    return options;
}

JszOptions JszOptions::read(RequestFields& fields) {
    JszOptions options;
    options.account = fields.text("account");
    options.accounts = fields.boolean("accounts");
    options.streams = fields.boolean("streams");
    options.consumers = fields.boolean("consumer");
    fields.boolean("direct_consumer");
    options.config = fields.boolean("config");
    fields.boolean("leader_only");
    options.raft = fields.boolean("raft");
    options.only_led_streams = fields.boolean("stream_leader_only");
    options.offset = fields.integer("offset");
    options.limit = fields.integer("limit");
    settle(options);
    return options;
}

JetStreamTotals jetstream_totals(JetStream const& streams) {
    JetStreamTotals totals;
    for (auto const& [name, account] : streams.accounts()) {
        totals.streams += account->all().size();
        totals.api.total += account->api.total;
        totals.api.errors += account->api.errors;
        for (auto const& [stream_name, stream] : account->all()) {
            totals.consumers += stream->consumer_count();
            totals.messages += stream->store_state().messages;
            totals.bytes += stream->store_state().bytes;
        }
    }
    return totals;
}

namespace {

/// The fields of usage alone, within an object that the caller opened.
void write_usage(JsonWriter& json, JetStream const& streams) {
    json.field("memory", streams.used(true)).field("storage", streams.used(false));
    json.field("reserved_memory", streams.reserved(true));
    json.field("reserved_storage", streams.reserved(false));
    json.field("accounts", streams.accounts().size()).field("ha_assets", 0);
    write_api(json, jetstream::kApiLevel, jetstream_totals(streams).api);
}

}  // namespace

void write_jetstream_config(JsonWriter& json, JetStream const& streams) {
    config::JetStreamOptions const& options = streams.options();
    json.begin_object().field("max_memory", streams.most(true));
    json.field("max_storage", streams.most(false));
    json.field("store_dir", JetStream::directory_of(options));
    json.field("sync_interval", options.sync_interval.value_or(kSyncInterval).count());
    json.field_unless_empty("sync_always", !options.sync_interval.has_value());
    json.field_unless_empty("domain", options.domain);
    json.field_unless_empty("unique_tag", options.unique_tag);
    json.field_unless_empty("strict", options.strict).end_object();
}

void write_jetstream_limits(JsonWriter& json, JetStream const& streams) {
    config::JetStreamServerLimits const& limits = streams.options().limits;
    json.begin_object().field_unless_empty("max_request_batch", limits.max_request_batch);
    json.field_unless_empty("max_ack_pending", limits.max_ack_pending);
    json.field_unless_empty("max_ha_assets", limits.max_ha_assets);
    json.field_unless_empty("max_duplicate_window", limits.duplicate_window.count());
    json.end_object();
}

void write_jetstream_stats(JsonWriter& json, JetStream const& streams) {
    json.begin_object();
    write_usage(json, streams);
    json.end_object();
}

Answer jsz(MonitorSource const& source, JszOptions const& options, WallTime now, Layout layout) {
    JetStream const* const streams = source.streams();
    if (streams == nullptr) {
        return disabled(source, now, layout);
    }
    JetStreamTotals const totals = jetstream_totals(*streams);
    JsonWriter json(indent_of(layout));
    json.begin_object();
    write_usage(json, *streams);
    write_server(json, source, now);
    json.key("config");
    write_jetstream_config(json, *streams);
    json.key("limits");
    write_jetstream_limits(json, *streams);
    json.field("streams", totals.streams);
    if (options.raft) {
        json.field_unless_empty("streams_leader", totals.streams);
    }
    json.field("consumers", totals.consumers);
    if (options.raft) {
        json.field_unless_empty("consumers_leader", totals.consumers);
    }
    json.field("messages", totals.messages).field("bytes", totals.bytes);
    if (options.accounts) {
        write_accounts(json, *streams, options, source.server().name);
    }
    json.field("total", streams->accounts().size()).end_object();
    return answer_whole(json.take());
}

}  // namespace signalbox::monitor
