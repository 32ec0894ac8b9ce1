#pragma once

#include "engine/base/bytes.h"
#include "engine/base/counter.h"
#include "engine/base/spsc_ring.h"
#include "engine/base/time.h"
#include "engine/observe/subject_ids.h"
#include "engine/observe/tap_filter.h"
#include "engine/observe/tap_row.h"
#include "engine/subject/subject.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
    SubjectId subject_id = kFolded;  ///< Where it has one: saves reading the subject again.
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
    enum class Verdict : std::uint8_t {
        Unknown,
        Wanted,
        Unwanted
    };

    bool passes(TapMessage const& message);
    bool wants_subject(TapMessage const& message);
    bool matches_subject(TapMessage const& message) const;
    void take(TapMessage const& message, WallTime time, Instant now);
    bool within_rate(Instant now);

    TapFilter filter_;
    std::optional<subject::Filter> subject_;  ///< Looks at the text in `filter_`; none for all.
    bool all_subjects_;
    std::vector<Verdict> verdicts_;  ///< By subject id, of subject and account.
    TapRing& ring_;
    TapCounters& counters_;
    std::uint32_t until_sample_ = 0;  ///< Matches to leave out before the next.
    double tokens_;
    Instant refilled_;
};

}  // namespace signalbox::observe
