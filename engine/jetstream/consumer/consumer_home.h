#pragma once

#include "engine/base/time.h"
#include "engine/jetstream/consumer/filter_groups.h"
#include "engine/jetstream/consumer/outlet.h"
#include "engine/jetstream/consumer/progress_log.h"
#include "engine/jetstream/stream/consumer_part.h"

#include <string>
#include <string_view>

namespace signalbox::jetstream {

class Advisories;
class Consumer;

/// What one consumer needs of the others of its stream, and of the stream.
class ConsumerHome {
public:
    virtual ~ConsumerHome() = default;

    virtual ConsumerHost& host() = 0;
    virtual Outlet& outlet() = 0;
    virtual FilterGroups& groups() = 0;

    /// What the calendar says, but never going back: what deliveries are timed by.
    virtual WallTime now() const = 0;

    /// For the log, with the next entry of this stream's consumers.
    virtual void note(Consumer& consumer, Progress const& progress) = 0;
    /// Answers on `reply` with nothing once all that was noted is applied.
    virtual void confirm(Consumer& consumer, std::string reply) = 0;

    /// `ConsumerService::work` is called soon.
    virtual void schedule(Consumer& consumer) = 0;

    /// The consumer is done with the message: its stream may be, too.
    virtual void done_with(Consumer& consumer, std::uint64_t sequence) = 0;

    /// The message is pending somewhere from now on.
    virtual void note_pending(std::uint64_t sequence) = 0;

    /// Nobody used the consumer for too long.
    virtual void remove_inactive(Consumer& consumer) = 0;

    virtual Advisories& advisories() = 0;
};

}  // namespace signalbox::jetstream
