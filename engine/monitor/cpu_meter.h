#pragma once

#include "engine/base/time.h"

namespace signalbox::monitor {

/// How much of a processor the process uses, from two readings of the time it has used.
class CpuMeter {
public:
    /// `cpu_time` is what the process has used until `now`. The answer is in percent of one
    /// processor, over the time since a reading that is at least a second old.
    double percent(Instant now, Duration cpu_time) {
        if (!started_) {
            started_ = true;
            from_ = now;
            from_cpu_ = cpu_time;
            return percent_;
        }
        if (Duration const passed = now - from_; passed >= base::seconds(1)) {
            percent_ = 100.0 * static_cast<double>((cpu_time - from_cpu_).count()) /
                       static_cast<double>(passed.count());
            from_ = now;
            from_cpu_ = cpu_time;
        }
        return percent_;
    }

private:
    bool started_ = false;
    Instant from_;
    Duration from_cpu_{0};
    double percent_ = 0;
};

}  // namespace signalbox::monitor
