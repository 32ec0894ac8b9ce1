#pragma once

#include "engine/base/json_reader.h"
#include "engine/base/json_writer.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/jetstream/stream/consumer_part.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::jetstream {

/// The level of the API that is spoken here.
inline constexpr int kApiLevel = 5;

/// What becomes of a publish that a stream has no room for.
enum class Discard : std::uint8_t {
    Old,  ///< The oldest messages go.
    New,  ///< It is refused.
};

/// A subject made of another.
struct SubjectTransform {
    std::string source;
    std::string destination;

    friend bool operator==(SubjectTransform const&, SubjectTransform const&) = default;
};

/// Where stored messages are published once more.
struct Republish {
    std::string source;
    std::string destination;
    bool headers_only = false;

    friend bool operator==(Republish const&, Republish const&) = default;
};

/// Where replicas may lie.
struct Placement {
    std::string cluster;
    std::vector<std::string> tags;
    std::string preferred;

    bool empty() const { return cluster.empty() && tags.empty() && preferred.empty(); }
    friend bool operator==(Placement const&, Placement const&) = default;
};

/// How a stream of another account or domain is reached.
struct ExternalStream {
    std::string api;
    std::string deliver;

    friend bool operator==(ExternalStream const&, ExternalStream const&) = default;
};

/// A consumer that is there already, to copy a stream by.
struct SourceConsumer {
    std::string name;
    std::string deliver_subject;

    friend bool operator==(SourceConsumer const&, SourceConsumer const&) = default;
};

/// A stream that another copies.
struct StreamSource {
    std::string name;
    std::uint64_t start_sequence = 0;    ///< 0: from the beginning.
    std::optional<WallTime> start_time;  ///< None: likewise.
    std::string filter;
    std::vector<SubjectTransform> transforms;
    std::optional<ExternalStream> external;
    std::optional<SourceConsumer> consumer;

    friend bool operator==(StreamSource const&, StreamSource const&) = default;
};

/// What holds for each consumer of a stream that does not say more.
struct ConsumerLimits {
    Duration inactive_threshold{0};
    std::int64_t max_ack_pending = 0;

    friend bool operator==(ConsumerLimits const&, ConsumerLimits const&) = default;
};

/// How much a stream keeps and takes. Limits: -1 for none.
struct StreamLimits {
    Retention retention = Retention::Limits;
    std::int64_t max_consumers = 0;
    std::int64_t max_messages = 0;
    std::int64_t max_bytes = 0;
    Duration max_age{0};
    std::int64_t max_messages_per_subject = 0;
    std::int64_t max_message_size = 0;
    Discard discard = Discard::Old;
    bool discard_new_per_subject = false;
    Duration duplicate_window{0};
    ConsumerLimits consumer_limits;

    friend bool operator==(StreamLimits const&, StreamLimits const&) = default;
};

/// What may be asked of a stream beside storing.
struct StreamFeatures {
    bool allow_direct = false;
    bool mirror_direct = false;
    bool sealed = false;
    bool deny_delete = false;
    bool deny_purge = false;
    bool allow_rollup = false;
    bool allow_ttl = false;
    Duration delete_marker_ttl{0};
    bool counter = false;
    bool allow_atomic = false;
    bool allow_schedules = false;
    bool allow_batched = false;

    friend bool operator==(StreamFeatures const&, StreamFeatures const&) = default;
};

/// What a stream is to be, as its makers say it.
struct StreamConfig : StreamLimits, StreamFeatures {
    std::string name;
    std::string description;
    std::vector<std::string> subjects;
    bool memory = false;  ///< Kept in memory, not in files.
    std::int64_t replicas = 0;
    bool no_ack = false;
    std::optional<Placement> placement;
    std::optional<StreamSource> mirror;
    std::vector<StreamSource> sources;
    bool compressed = false;
    bool persist_async = false;
    std::uint64_t first_sequence = 0;
    std::optional<SubjectTransform> transform;
    std::optional<Republish> republish;
    std::map<std::string, std::string> metadata;

    friend bool operator==(StreamConfig const&, StreamConfig const&) = default;
};

/// A request to make or change a stream.
struct StreamRequest {
    StreamConfig config;
    bool pedantic = false;  ///< What would be put right is refused instead.
};

/// How unknown fields of a request are taken.
enum class Fields : std::uint8_t {
    Strict,  ///< Refused.
    Loose,
};

/// Errors: InvalidArgument, in the words of the reference's JSON reader as far as they matter.
Result<StreamRequest> read_stream_request(Json const& json, Fields fields);

/// The configuration as one object, all fields in the reference's order.
void write(JsonWriter& json, StreamConfig const& config);

/// The same, with what this server adds to its metadata when it tells of it.
void write_as_told(JsonWriter& json, StreamConfig const& config);

void write(JsonWriter& json, SubjectTransform const& transform);
void write(JsonWriter& json, ExternalStream const& external);

/// Both mean the same stream: what servers note in the metadata does not count.
bool same_stream(StreamConfig const& a, StreamConfig const& b);

/// The level of the API that a server must have to do what is asked.
int required_level(StreamConfig const& config);

/// Takes out of the metadata what servers note there of themselves, and notes the required level.
void note_required_level(StreamConfig& config);

}  // namespace signalbox::jetstream
