#pragma once

#include "engine/base/time.h"
#include "engine/jetstream/error/api_error.h"
#include "engine/store/stream_store.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace signalbox::jetstream {

/// Which one message is wanted.
struct MessageQuery {
    std::uint64_t sequence = 0;
    std::string last_on;  ///< The newest on this subject, or of those a filter matches.
    std::string next_on;  ///< The first that this filter matches, from `sequence` on.
    std::optional<WallTime> start_time;
    bool no_headers = false;
};

/// Reads single messages, whether they are in memory or have to be fetched first.
class MessageReader {
public:
    /// `error` is set when `message` is null: NoMessageFound, or what the disk said.
    using OnRead =
        std::function<void(store::StoredMessage const* message, std::optional<ApiError> error)>;

    explicit MessageReader(store::StreamStore& store) : store_(store) {}

    /// Calls `done` once, from within this call when the message is in memory. The message lasts
    /// until `done` returns.
    void read(MessageQuery const& query, OnRead done);

    /// The first message at or after `from` that a filter lets through; all when there is none.
    void next(std::shared_ptr<std::string const> filter, std::uint64_t from, OnRead done);

private:
    using Attempt = std::function<Result<store::Load>()>;
    void attempt(Attempt attempt, OnRead done);
    Result<store::Load> look(MessageQuery const& query);

    store::StreamStore& store_;
    std::shared_ptr<char const> life_ =
        std::make_shared<char const>('\0');  ///< For what comes late.
};

}  // namespace signalbox::jetstream
