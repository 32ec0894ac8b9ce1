#pragma once

#include "engine/base/bytes.h"
#include "engine/base/counter.h"
#include "engine/base/spsc_ring.h"
#include "engine/base/time.h"
#include "engine/observe/tap_filter.h"
#include "engine/observe/tap_row.h"
#include "engine/subject/subject.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::observe {

/// A published message as a tap looks at it.
struct TapMessage {
    std::string_view account;
    std::uint64_t cid = 0;  ///< The publisher.
    std::string_view subject;
    std::string_view reply;
    Bytes headers;
    Bytes payload;
    std::uint32_t recipients = 0;
};

/// Where the matches of a tap went, for any thread to read.
struct TapCounters {
    Counter matched;
    Counter sampled_out;
    Counter dropped;

    TapCounts counts() const { return {matched.get(), sampled_out.get(), dropped.get()}; }
};

using TapRing = base::SpscRing<TapRow>;

/// Copies the messages that pass a filter into a ring, a bounded number each second. What it leaves
/// out it counts.
class Tap {
public:
    /// Sets the counters to zero. A filter whose subject is none lets nothing through. `ring` and
    /// `counters` must outlive the tap.
    Tap(TapFilter filter, TapRing& ring, TapCounters& counters);

    Tap(Tap const&) = delete;
    Tap& operator=(Tap const&) = delete;

    void offer(TapMessage const& message, WallTime time, Instant now) {
        if (passes(message)) {
            take(message, time, now);
        }
    }

private:
    bool passes(TapMessage const& message) const;
    void take(TapMessage const& message, WallTime time, Instant now);
    bool within_rate(Instant now);

    TapFilter filter_;
    bool all_subjects_;
    std::optional<subject::Filter> subject_;  ///< Looks at the text in `filter_`.
    TapRing& ring_;
    TapCounters& counters_;
    double tokens_;
    Instant refilled_;
};

}  // namespace signalbox::observe
