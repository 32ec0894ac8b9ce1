#pragma once

#include "engine/base/bytes.h"
#include "engine/base/time.h"
#include "engine/jetstream/consumer/varint.h"

#include <cstdint>
#include <optional>
#include <string>

namespace signalbox::jetstream {

/// What became of one or several messages at a consumer, as the stream's log has it.
struct Progress {
    enum class Kind : std::uint8_t {
        Delivered = 1,  ///< `count` messages from `sequence`, as `consumer_sequence` and on.
        Redelivered,
        Acked,     ///< `count` messages from `sequence`; also terminated ones.
        AckedAll,  ///< All up to `sequence`.
        Exceeded,  ///< Delivered as often as it may be.
        Delayed,   ///< To be delivered again at `due`.
        Release,   ///< No consumer needs `count` messages from `sequence`; of no consumer.
    };
    Kind kind{};
    std::uint64_t consumer = 0;
    std::uint64_t sequence = 0;
    std::uint64_t count = 1;
    std::uint64_t consumer_sequence = 0;
    std::int64_t due = 0;
};

/// Gathers progress for one entry of the log. What follows on what was noted last becomes one with
/// it, so that a batch of deliveries or acks costs a few bytes.
class ProgressLog {
public:
    void note(Progress const& progress);

    bool empty() const { return !open_ && bytes_.empty(); }
    std::size_t size() const { return bytes_.size(); }
    /// All that was noted, in order, to be read by `ProgressReader`.
    std::string take();

private:
    void close();

    std::string bytes_;
    std::optional<Progress> open_;
};

class ProgressReader {
public:
    explicit ProgressReader(Bytes bytes) : in_(bytes) {}

    /// The next one; nothing: that was the last, or the bytes are not sound.
    std::optional<Progress> next();

private:
    VarintReader in_;
};

}  // namespace signalbox::jetstream
