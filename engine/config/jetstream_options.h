#pragma once

#include "engine/base/time.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace signalbox::config {

/// How much may be under way of batches that are stored all together. 0 stands for the default.
struct JetStreamBatchLimits {
    std::int64_t max_inflight_per_stream = 0;  ///< Default 50.
    std::int64_t max_inflight_total = 0;       ///< Default 1000.
    std::int64_t max_msgs = 0;                 ///< Of one batch; default 1000.
    Duration timeout{0};                       ///< Without a message; default 10s.

    friend bool operator==(JetStreamBatchLimits const&, JetStreamBatchLimits const&) = default;
};

/// What holds for all accounts of a server. 0: no limit.
struct JetStreamServerLimits {
    std::int64_t max_ack_pending = 0;
    std::int64_t max_ha_assets = 0;
    std::int64_t max_request_batch = 0;
    Duration duplicate_window{0};
    JetStreamBatchLimits batch;

    friend bool operator==(JetStreamServerLimits const&, JetStreamServerLimits const&) = default;
};

/// The block `jetstream { … }`: whether messages are kept, where and how many.
struct JetStreamOptions {
    bool enabled = false;
    std::string store_dir;         ///< Empty: the default. `jetstream` is appended.
    std::int64_t max_memory = -1;  ///< Bytes; negative: part of what the machine has.
    std::int64_t max_file = -1;
    std::string domain;
    /// How often data is synced without a publisher waiting for it; none: each publish is
    /// acknowledged when it is on stable storage, as `always` says too.
    std::optional<Duration> sync_interval;
    JetStreamServerLimits limits;
    std::string unique_tag;
    std::int64_t max_buffered_msgs = 0;  ///< Of a stream, on their way into it; 0: the default.
    std::int64_t max_buffered_size = 0;
    std::int64_t request_queue_limit = 0;  ///< Requests waiting for an answer; 0: the default.
    std::int64_t info_queue_limit = 0;
    bool strict = true;  ///< Unknown fields of requests are refused.

    friend bool operator==(JetStreamOptions const&, JetStreamOptions const&) = default;
};

/// How much an account may keep; negative: no limit.
struct JetStreamTier {
    std::int64_t max_memory = -1;
    std::int64_t max_storage = -1;
    std::int64_t max_streams = -1;
    std::int64_t max_consumers = -1;
    std::int64_t max_ack_pending = -1;
    std::int64_t memory_max_stream_bytes = -1;
    std::int64_t storage_max_stream_bytes = -1;
    bool max_bytes_required = false;

    friend bool operator==(JetStreamTier const&, JetStreamTier const&) = default;
};

/// An account that may keep messages. Limits by `R1`, `R3` and so on, for each number of replicas,
/// or under the empty name for all together.
struct AccountJetStream {
    std::map<std::string, JetStreamTier, std::less<>> tiers{{"", {}}};

    friend bool operator==(AccountJetStream const&, AccountJetStream const&) = default;
};

}  // namespace signalbox::config
