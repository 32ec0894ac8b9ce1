#pragma once

#include "engine/base/json_reader.h"
#include "engine/base/json_writer.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::jetstream {

/// Where in its stream a consumer begins.
enum class DeliverPolicy : std::uint8_t {
    All,
    Last,
    New,
    ByStartSequence,
    ByStartTime,
    LastPerSubject,
};

enum class AckPolicy : std::uint8_t {
    None,
    All,          ///< An ack is one of everything before it as well.
    Explicit,     ///< Each message is acked by itself.
    FlowControl,  ///< Answers to flow control are acks of everything up to what they name.
};

enum class ReplayPolicy : std::uint8_t {
    Instant,
    Original,  ///< With the pauses there were between the messages when they were stored.
};

/// Which of several pull requests is served.
enum class PriorityPolicy : std::uint8_t {
    None,
    Overflow,      ///< Those that ask to be left alone until much is pending wait so long.
    PinnedClient,  ///< One client alone, until it is silent.
    Prioritized,   ///< The lowest number first.
};

struct StartPosition {
    DeliverPolicy policy = DeliverPolicy::All;
    std::uint64_t sequence = 0;    ///< 0: not set.
    std::optional<WallTime> time;  ///< An unset time in it is one before 1970.

    friend bool operator==(StartPosition const&, StartPosition const&) = default;
};

struct AckSettings {
    AckPolicy policy = AckPolicy::None;
    Duration wait{0};
    std::int64_t max_deliver = 0;
    std::vector<Duration> backoff;
    std::int64_t max_pending = 0;
    std::string sample_frequency;

    friend bool operator==(AckSettings const&, AckSettings const&) = default;
};

struct PushSettings {
    std::string subject;
    std::string group;
    bool flow_control = false;
    Duration heartbeat{0};
    std::uint64_t rate_limit = 0;  ///< Bits a second; 0: none.

    friend bool operator==(PushSettings const&, PushSettings const&) = default;
};

struct PullSettings {
    std::int64_t max_waiting = 0;
    std::int64_t max_batch = 0;
    Duration max_expires{0};
    std::int64_t max_bytes = 0;

    friend bool operator==(PullSettings const&, PullSettings const&) = default;
};

struct PrioritySettings {
    std::vector<std::string> groups;
    PriorityPolicy policy = PriorityPolicy::None;
    Duration timeout{0};

    friend bool operator==(PrioritySettings const&, PrioritySettings const&) = default;
};

/// What a consumer is made with. As requests give it; `with_defaults` fills in what they leave out.
struct ConsumerConfig {
    std::string durable_name;
    std::string name;
    std::string description;
    StartPosition start;
    AckSettings acks;
    std::string filter_subject;
    std::vector<std::string> filter_subjects;
    ReplayPolicy replay = ReplayPolicy::Instant;
    bool headers_only = false;
    PushSettings push;
    PullSettings pull;
    Duration inactive_threshold{0};
    int replicas = 0;
    bool memory = false;
    bool direct = false;    ///< Of a stream that copies another; not listed.
    bool sourcing = false;  ///< Likewise.
    std::map<std::string, std::string> metadata;
    WallTime pause_until;
    PrioritySettings priority;

    bool is_push() const { return !push.subject.empty(); }
    bool is_durable() const { return !durable_name.empty(); }

    /// One or several, or none: all messages.
    std::vector<std::string> filters() const;

    friend bool operator==(ConsumerConfig const&, ConsumerConfig const&) = default;
};

/// Whether a field nobody knows is an error or passed over.
enum class UnknownFields : std::uint8_t {
    Refuse,
    Ignore,
};

/// Reads the `config` of a request. Errors: Malformed, with the text that stands behind
/// `invalid JSON: `.
Result<ConsumerConfig> read_consumer_config(Json const& json, UnknownFields unknown);

/// Which metadata is written beside the consumer's own.
struct ServerMetadata {
    std::string_view version;  ///< Empty: only what was stored.
    int api_level = 0;
};

/// Writes the object as the reference lays it out.
void write_consumer_config(JsonWriter& json, ConsumerConfig const& config,
                           ServerMetadata const& server);

/// What consumers say of the API level that they need, in their metadata.
inline constexpr char kRequiredLevel[] = "_nats.req.level";
inline constexpr char kServerVersion[] = "_nats.ver";
inline constexpr char kServerLevel[] = "_nats.level";

}  // namespace signalbox::jetstream
