#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/config/keys/schema_rows.h"

#include <utility>

namespace signalbox::config {

namespace {

using J = JetStreamOptions;
using L = JetStreamServerLimits;
using B = JetStreamBatchLimits;
using T = JetStreamTier;

enum class Switch {
    Off,
    On,
    Other,
};

/// `true`, `false`, `enabled` or `disabled`; `Other` is a map.
std::optional<Switch> switch_of(Value const& value, Problems& problems) {
    if (auto const* yes = value.as<bool>()) {
        return *yes ? Switch::On : Switch::Off;
    }
    if (value.as<Value::Map>() != nullptr) {
        return Switch::Other;
    }
    auto const* text = value.as<std::string>();
    if (text == nullptr) {
        problems.error(value.position(), concat("Expected map, bool or string to define JetStream, "
                                                "got ",
                                                type_name(value)));
        return std::nullopt;
    }
    std::string const word = base::to_lower(*text);
    if (word == "enabled" || word == "enable") {
        return Switch::On;
    }
    if (word == "disabled" || word == "disable") {
        return Switch::Off;
    }
    problems.error(value.position(),
                   concat("Expected 'enabled' or 'disabled' for string value, got '", *text, "'"));
    return std::nullopt;
}

void set_store_dir(Key const& key, Value const& value, Target& target, std::string& out) {
    if (!out.empty()) {
        return target.problems.error(value.position(), "Duplicate 'store_dir' configuration");
    }
    read_value(key, value, target.problems, out);
}

void read_inner_store_dir(Key const& key, Value const& value, Target& target) {
    set_store_dir(key, value, target, target.as<J>().store_dir);
}

/// A number of bytes, or a text of a number that ends in K, M, G or T.
std::optional<std::int64_t> size_of(std::string_view name, Value const& value, Problems& problems) {
    constexpr std::string_view kUnits = "KMGT";
    if (auto const* number = value.as<std::int64_t>()) {
        return *number;
    }
    auto const* text = value.as<std::string>();
    if (text == nullptr) {
        problems.error(value.position(), concat(name, " must be int64 or string"));
        return std::nullopt;
    }
    std::string_view const all = *text;
    std::string_view const digits = all.empty() ? all : all.substr(0, all.size() - 1);
    std::optional<std::int64_t> const number = base::parse_int(digits);
    if (!number && !all.empty()) {
        problems.error(value.position(), concat(name, " strconv.ParseInt: parsing ",
                                                base::quoted(digits), ": invalid syntax"));
        return std::nullopt;
    }
    std::size_t const unit = all.empty() ? kUnits.npos : kUnits.find(all.back());
    constexpr std::int64_t kLargest = kMost64 >> 40;
    if (unit == kUnits.npos || *number > kLargest || *number < 0) {
        problems.error(value.position(),
                       concat(name, " sizes defined as strings must end in K, M, G, T"));
        return std::nullopt;
    }
    return *number << (10 * (unit + 1));
}

template <auto Path>
void read_size(Key const& key, Value const& value, Target& target) {
    if (auto const size = size_of(key.name(), value, target.problems)) {
        at<Path>(target.as<J>()) = *size;
    }
}

void read_sync_interval(Key const& key, Value const& value, Target& target) {
    std::optional<Duration>& interval = target.as<J>().sync_interval;
    auto const* text = value.as<std::string>();
    if (text != nullptr && base::to_lower(*text) == "always") {
        interval.reset();
        return;
    }
    Duration found{0};
    std::size_t const before = target.problems.errors.size();
    read_value(key, value, target.problems, found);
    if (target.problems.errors.size() != before) {
        return;
    }
    // What is not positive says nothing.
    interval = found > Duration{0} ? std::optional(found) : std::nullopt;
}

void read_enabled(Key const& key, Value const& value, Target& target) {
    read_value(key, value, target.problems, target.as<J>().enabled);
}

/// The size of an account's limit, in the words the reference has for those.
template <auto Path>
void read_account_size(Key const& key, Value const& value, Target& target) {
    if (auto const* number = value.as<std::int64_t>()) {
        at<Path>(target.as<T>()) = *number;
    } else {
        target.problems.error(
            value.position(),
            concat("Expected a parseable size for ", base::quoted(key.name()), ", got ",
                   value.as<std::string>() ? *value.as<std::string>() : shown(value)));
    }
}

void read_max_bytes_required(Key const& key, Value const& value, Target& target) {
    if (auto const* yes = value.as<bool>()) {
        target.as<T>().max_bytes_required = *yes;
    } else {
        target.problems.error(value.position(),
                              concat("Expected a parseable bool for ", base::quoted(key.name()),
                                     ", got ", shown(value)));
    }
}

template <auto Path>
constexpr Key size(std::string_view names, std::string_view about) {
    Key one = row(names, KeyType::Integer, about, read_size<Path>);
    one.also = "text as `1G`";
    return one;
}

template <auto Path>
constexpr Key account_size(std::string_view names, std::string_view about) {
    return row(names, KeyType::Integer, about, read_account_size<Path>);
}

constexpr Key kJetStream[] = {
    row("enabled enable", KeyType::Boolean, "Whether messages are kept; true in this form.",
        read_enabled),
    row("store_dir store storedir", KeyType::String,
        "Where files are kept, in a folder `jetstream` of it; `/tmp/nats` when none is given.",
        read_inner_store_dir),
    size<&J::max_memory>("max_memory_store max_mem_store max_mem",
                         "Bytes of streams in memory, all together; three quarters of the "
                         "machine's when none is given."),
    size<&J::max_file>("max_file_store max_file",
                       "Bytes of streams in files; three quarters of what is free at the start "
                       "when none is given."),
    nested<&J::domain>("domain", "The name under which others reach the streams of this server."),
    row("sync_interval sync", KeyType::Duration,
        "Acknowledges before data is on stable storage, and syncs it so often: what was "
        "acknowledged since can be lost. `always`, or no such key, syncs before each "
        "acknowledgement.",
        read_sync_interval),
    block(row("limits", KeyType::Block, "What holds for all accounts.", nullptr),
          Block::JetStreamLimits, read_block_member<&J::limits>),
    nested<&J::unique_tag>("unique_tag",
                           "Replicas of a stream lie on servers whose tags that begin so differ."),
    nested<&J::max_buffered_msgs>("max_buffered_msgs",
                                  "Messages on their way into one stream; 100000 when 0."),
    size<&J::max_buffered_size>("max_buffered_size",
                                "Bytes on their way into one stream; 128 MiB when 0."),
    nested<&J::request_queue_limit>("request_queue_limit",
                                    "Requests that wait for an answer; 10000 when 0."),
    nested<&J::info_queue_limit>("info_queue_limit",
                                 "Of them those for information; as `request_queue_limit` when 0."),
    nested<&J::strict>("strict", "Requests with unknown fields are refused."),

    absent("key ek encryption_key", "encryption at rest"),
    absent("prev_key prev_ek prev_encryption_key", "encryption at rest"),
    absent("cipher", "encryption at rest"),
    absent("tpm", "encryption at rest"),
    absent("extension_hint", "clustered JetStream"),
    absent("max_outstanding_catchup", "clustered JetStream"),
    absent("meta_compact", "clustered JetStream"),
    absent("meta_compact_size", "clustered JetStream"),
    absent("meta_compact_sync", "clustered JetStream"),
    absent("max_concurrent_io", "several disk operations at a time"),
};

constexpr Key kLimits[] = {
    nested<&L::max_ack_pending>("max_ack_pending",
                                "Deliveries of a consumer that wait for their ack; 0: no limit."),
    nested<&L::max_ha_assets>("max_ha_assets", "Replicated streams and consumers; 0: no limit."),
    nested<&L::max_request_batch>("max_request_batch",
                                  "Messages of one pull request; 0: no limit."),
    nested<&L::duplicate_window>("duplicate_window",
                                 "The longest a stream may remember message ids; 0: any."),
    block(row("batch", KeyType::Block, "Batches that are stored all together.", nullptr),
          Block::JetStreamBatch, read_block_member<&L::batch>),
};

constexpr Key kBatch[] = {
    nested<&B::max_inflight_per_stream>("max_inflight_per_stream",
                                        "Open batches of a stream; 50 when 0."),
    nested<&B::max_inflight_total>("max_inflight_total",
                                   "Open batches of the server; 1000 when 0."),
    nested<&B::max_msgs>("max_msgs", "Messages of a batch; 1000 when 0."),
    nested<&B::timeout>("timeout", "How long a batch stays open without a message; 10s when 0."),
};

constexpr Key kAccountJetStream[] = {
    account_size<&T::max_memory>("max_memory max_mem mem memory",
                                 "Bytes in memory; negative is no limit."),
    account_size<&T::max_storage>("max_store max_file max_disk store disk", "Bytes in files."),
    account_size<&T::max_streams>("max_streams streams", "How many streams."),
    account_size<&T::max_consumers>("max_consumers consumers", "How many consumers of a stream."),
    account_size<&T::max_ack_pending>("max_ack_pending",
                                      "Deliveries of a consumer that wait for their ack."),
    account_size<&T::memory_max_stream_bytes>("mem_max_stream_bytes memory_max_stream_bytes",
                                              "Bytes of one stream in memory."),
    account_size<&T::storage_max_stream_bytes>("disk_max_stream_bytes store_max_stream_bytes",
                                               "Bytes of one stream in files."),
    row("max_bytes_required max_stream_bytes max_bytes", KeyType::Boolean,
        "Every stream has to say how many bytes it may have.", read_max_bytes_required),
    absent("cluster_traffic", "clustered JetStream"),
};

}  // namespace

void read_store_dir(Key const& key, Value const& value, Target& target) {
    set_store_dir(key, value, target, target.options.jetstream.store_dir);
}

void read_jetstream(Key const& key, Value const& value, Target& target) {
    J& jetstream = target.options.jetstream;
    std::optional<Switch> const which = switch_of(value, target.problems);
    if (!which) {
        return;
    }
    jetstream.enabled = *which != Switch::Off;
    if (*which == Switch::Other) {
        Target inner = target.of(&jetstream);
        read_block(key.inner, value, inner);
    }
}

void read_account_jetstream(Key const& key, Value const& value, Target& target) {
    std::optional<AccountJetStream>& jetstream = target.as<AccountOptions>().jetstream;
    jetstream.reset();
    std::optional<Switch> const which = switch_of(value, target.problems);
    if (!which || *which == Switch::Off) {
        return;
    }
    jetstream.emplace();
    if (*which == Switch::Other) {
        Target inner = target.of(&jetstream->tiers.at(""));
        read_block(key.inner, value, inner);
    }
}

bool same_but_growth(Options const& old, Options const& now) {
    J const& was = old.jetstream;
    J grown = now.jetstream;
    if (grown.max_memory < was.max_memory || grown.max_file < was.max_file) {
        return false;
    }
    grown.max_memory = was.max_memory;
    grown.max_file = was.max_file;
    grown.strict = was.strict;
    grown.limits = was.limits;
    return grown == was;
}

std::string print_jetstream(Options const& options) {
    J const& jetstream = options.jetstream;
    if (!jetstream.enabled) {
        return "disabled";
    }
    return concat("enabled, ", jetstream.max_memory, " bytes of memory, ", jetstream.max_file,
                  " of files");
}

bool same_jetstream(Options const& a, Options const& b) {
    return a.jetstream == b.jetstream;
}

BlockSpec jetstream_spec() {
    return {.path = "jetstream",
            .about = "Whether messages are kept in streams, where and how many.",
            .example =
                "jetstream { store_dir: \"/var/lib/signalbox\", max_memory_store: 1G, "
                "max_file_store: 100G }",
            .keys = kJetStream,
            .not_a_map = plain_not_a_map};
}

BlockSpec jetstream_limits_spec() {
    return {.path = "jetstream.limits",
            .about = "What holds for all accounts.",
            .example = "jetstream { limits { max_ack_pending: 10000, duplicate_window: \"5m\" } }",
            .keys = kLimits,
            .not_a_map = [](Value const& value) {
                return concat("Expected a map to define JetStreamLimits, got ", type_name(value));
            }};
}

BlockSpec jetstream_batch_spec() {
    return {.path = "jetstream.limits.batch",
            .about = "Batches that are stored all together or not at all.",
            .example = "jetstream { limits { batch { max_msgs: 500, timeout: \"5s\" } } }",
            .keys = kBatch,
            .not_a_map = [](Value const& value) {
                return concat("Expected a map to define batch limits, got ", type_name(value));
            }};
}

BlockSpec account_jetstream_spec() {
    return {.path = "accounts.<name>.jetstream",
            .about = "How much the account may keep; `enabled` is without a limit.",
            .example = "accounts { SHOP { jetstream { max_store: 10G, max_streams: 20 } } }",
            .keys = kAccountJetStream,
            .not_a_map = plain_not_a_map};
}

}  // namespace signalbox::config
