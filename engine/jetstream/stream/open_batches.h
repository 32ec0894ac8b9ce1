#pragma once

#include "engine/base/time.h"
#include "engine/jetstream/error/api_error.h"
#include "engine/jetstream/stream/publish_headers.h"
#include "engine/jetstream/stream/stream_command.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::jetstream {

/// What may be open, as the server's configuration has it.
struct BatchLimits {
    std::size_t open = 50;
    std::size_t messages = 1'000;
    Duration idle = base::seconds(10);
};

/// The messages of batches that are not whole yet: they are stored all together or not at all, and
/// are lost with the server that holds them (ADR-50).
class OpenBatches {
public:
    enum class Step : std::uint8_t {
        Taken,      ///< It waits for the rest.
        Committed,  ///< The batch is whole: `command` has it.
        Refused,
    };
    /// Why a batch was given up, in the words of its advisory.
    enum class Abandoned : std::uint8_t {
        No,
        Incomplete,
        Large,
        Unsupported,
    };
    struct Answer {
        Step step = Step::Taken;
        std::optional<ApiError> error;
        Abandoned abandoned = Abandoned::No;
    };

    explicit OpenBatches(BatchLimits limits) : limits_(limits) {}

    /// A message with a batch's headers. After `Committed`, `committed` is called with the whole
    /// batch, from within this call; views in it last until that returns.
    Answer add(PublishCommand const& message, PublishHeaders const& headers, Instant now,
               std::function<void(BatchCommand const&)> const& committed);

    /// Gives up those that nothing was added to for too long; answers their ids.
    std::vector<std::string> expire(Instant now);
    /// When that is next; nothing: none is open.
    std::optional<Instant> next_expiry() const;

    void clear() { open_.clear(); }
    std::size_t size() const { return open_.size(); }

private:
    struct Message {
        std::string subject;
        std::string headers;
        std::string payload;
    };
    struct Batch {
        std::vector<Message> messages;
        std::uint64_t last = 0;  ///< The position of the last one in the batch.
        Instant touched;
    };

    Answer refuse(ApiErrc error, Abandoned abandoned = Abandoned::No);
    static void commit(std::string const& id, Batch const& batch,
                       std::function<void(BatchCommand const&)> const& committed);

    BatchLimits limits_;
    std::map<std::string, Batch, std::less<>> open_;
};

}  // namespace signalbox::jetstream
