#pragma once

#include "engine/native/event_loop.h"
#include "engine/world/workers.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace signalbox::native {

/// A few threads that compute, with a bounded queue before them. They are started when first
/// needed.
class WorkerThreads : public world::Workers {
public:
    explicit WorkerThreads(EventLoop& loop) : loop_(loop) {}
    ~WorkerThreads() override;

    bool run(world::Task job, world::Task done) override;

private:
    static constexpr std::size_t kMostWaiting = 64;
    static constexpr std::size_t kThreads = 2;

    struct Job {
        world::Task job;
        world::Task done;
    };
    void work();

    EventLoop& loop_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;   ///< Guarded by `mutex_`.
    bool stopping_ = false;  ///< Likewise.
    std::vector<std::thread> threads_;
};

}  // namespace signalbox::native
