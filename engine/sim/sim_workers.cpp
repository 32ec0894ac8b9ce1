#include "engine/sim/sim_workers.h"

#include <algorithm>

namespace signalbox::sim {

bool SimWorkers::run(world::Task job, world::Task done) {
    if (waiting_ == kMaxWaiting) {
        return false;
    }
    ++waiting_;
    free_at_ = std::max(free_at_, simulation_.now()) + cost_;
    simulation_.at(free_at_, node_, [this, job = std::move(job), done = std::move(done)] {
        --waiting_;
        job();
        done();
    });
    return true;
}

}  // namespace signalbox::sim
