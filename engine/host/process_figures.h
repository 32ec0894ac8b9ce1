#pragma once

#include "engine/base/time.h"

#include <cstdint>

namespace signalbox::host {

/// What this process takes of its machine, looked up once a second.
class ProcessFigures {
public:
    void look(Instant now);

    /// Processor time for each second of the last interval: 1.0 is one core.
    double cores() const { return cores_; }
    std::uint64_t resident_bytes() const { return resident_bytes_; }

private:
    Instant looked_;
    Duration used_{0};
    double cores_ = 0;
    std::uint64_t resident_bytes_ = 0;
    bool started_ = false;
};

}  // namespace signalbox::host
