#pragma once

#include "engine/base/bytes.h"
#include "engine/base/time.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace signalbox::jetstream {

inline constexpr std::string_view kTtlHeader = "Nats-TTL";
inline constexpr std::string_view kRollupHeader = "Nats-Rollup";
inline constexpr std::string_view kMarkerHeader = "Nats-Marker-Reason";

/// What a publisher believes of the stream.
struct ExpectedHeaders {
    std::optional<std::string_view> expected_stream;
    std::optional<std::string_view> expected_last_sequence;
    std::optional<std::string_view> expected_last_id;
    std::optional<std::string_view> expected_subject_sequence;
    std::optional<std::string_view> expected_subject;

    bool is_expecting() const {
        return expected_stream || expected_last_sequence || expected_last_id ||
               expected_subject_sequence || expected_subject;
    }
};

/// Which batch a message is of, and where in it.
struct BatchHeaders {
    std::optional<std::string_view> batch_id;
    std::optional<std::string_view> batch_sequence;
    std::optional<std::string_view> batch_commit;
};

/// When a message is to be published once more.
struct ScheduleHeaders {
    std::optional<std::string_view> schedule;
    std::optional<std::string_view> schedule_target;
    std::optional<std::string_view> schedule_ttl;
    std::optional<std::string_view> schedule_source;
    std::optional<std::string_view> schedule_rollup;
    std::optional<std::string_view> schedule_zone;
    std::optional<std::string_view> schedule_next;
    std::optional<std::string_view> scheduler;
};

/// What a publisher asks of a stream in the headers of a message. Views into them; a header that is
/// not there is nothing.
struct PublishHeaders : ExpectedHeaders, BatchHeaders, ScheduleHeaders {
    std::optional<std::string_view> message_id;
    std::optional<std::string_view> rollup;
    std::optional<std::string_view> ttl;
    std::optional<std::string_view> increment;
    std::optional<std::string_view> required_level;
    std::optional<std::string_view> marker;
    std::optional<std::string_view> source;
    bool key_purge = false;  ///< `KV-Operation: PURGE`

    static PublishHeaders of(Bytes block);
};

/// A lifetime as a header has it: whole seconds, a duration, or for ever.
struct Lifetime {
    bool endless = false;
    Duration length{0};
};

/// Nothing when it is none, or shorter than a second.
std::optional<Lifetime> parse_lifetime(std::string_view text);

}  // namespace signalbox::jetstream
