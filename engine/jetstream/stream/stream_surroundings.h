#pragma once

#include "engine/account/account.h"
#include "engine/base/logger.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/jetstream/error/api_error.h"
#include "engine/jetstream/stream/advisor.h"
#include "engine/jetstream/stream/consumer_part.h"
#include "engine/jetstream/stream/open_batches.h"
#include "engine/world/world.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace signalbox::jetstream {

/// What a stream's account and server allow, and what they are told of it.
class StreamQuota {
public:
    virtual ~StreamQuota() = default;

    /// Whether there is room for so many bytes more; nothing: there is.
    virtual std::optional<ApiError> refusal_of(std::uint64_t bytes, bool memory) const = 0;
    /// So many bytes more, or less, are kept.
    virtual void note(std::int64_t bytes, bool memory) = 0;
    /// Fills in what account and server limit.
    virtual void fill_in(StreamFacts& facts) const = 0;
};

/// Makes the part of a stream that its consumers are.
using ConsumerFactory = std::function<std::unique_ptr<ConsumerPart>(ConsumerHost&)>;

/// What a stream stands in. All outlive it.
struct StreamSurroundings {
    world::World& world;
    Logger& log;
    dispatch::Dispatcher& dispatcher;
    account::Account& account;
    StreamQuota& quota;
    ConsumerFactory const& make_consumers;  ///< May be none.
    Advisor& advisor;
    std::string domain;
    BatchLimits batch_limits;
};

}  // namespace signalbox::jetstream
