#pragma once

#include "engine/observe/snapshot.h"
#include "engine/observe/subject_ids.h"

#include <cstdint>
#include <vector>

namespace signalbox::observe {

/// The busiest subjects, by messages in the last whole interval.
class TopList {
public:
    static constexpr std::size_t kRows = 10;
    static constexpr double kInterval = 1.0;  ///< Seconds.

    /// `seconds` after the last look. The rows change once an interval is over.
    void look(SubjectIds const& ids, double seconds);

    std::vector<BusySubject> const& rows() const { return rows_; }

private:
    /// As counted at the last change; cut to what one interval can add to.
    struct Seen {
        std::uint32_t msgs = 0;
        std::uint32_t bytes = 0;
    };

    std::vector<Seen> seen_;
    std::vector<BusySubject> rows_;
    double elapsed_ = 0;
    bool started_ = false;
};

}  // namespace signalbox::observe
