#pragma once

#include "engine/observe/connection_slots.h"
#include "engine/observe/event_row.h"
#include "engine/observe/rate_meter.h"
#include "engine/observe/snapshot.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <vector>

namespace signalbox::observe {

/// The connections of a server as an observer knows them: from events who they are, from their
/// slots what they do. Keeps those that closed.
class ConnectionList {
public:
    static constexpr std::size_t kMaxClosed = 10'000;
    /// A connection whose slot is not its own for so many looks is gone, though nobody said so.
    static constexpr unsigned kLooksMissing = 20;

    void note(EventRow const& event);

    /// The open ones by cid, `seconds` after the last look.
    std::vector<ConnectionRow> look(ConnectionSlots const& pool, std::uint64_t max_pending,
                                    double seconds, WallTime now);

    /// Newest last. Never null.
    std::shared_ptr<std::vector<ClosedConnectionRow> const> const& closed();

private:
    struct Open {
        ConnectionIdentityPtr identity;
        RateMeter in_msgs;
        RateMeter in_bytes;
        RateMeter out_msgs;
        RateMeter out_bytes;
        ConnectionRow last;
        unsigned missing = 0;
    };

    void close(ClosedConnectionRow row);
    static bool read(ConnectionCounters const* counters, double seconds, Open& open);

    std::map<std::uint64_t, Open> open_;
    std::deque<ClosedConnectionRow> closed_;
    std::shared_ptr<std::vector<ClosedConnectionRow> const> closed_rows_;
};

}  // namespace signalbox::observe
