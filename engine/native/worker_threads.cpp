#include "engine/native/worker_threads.h"

#include <utility>

namespace signalbox::native {

WorkerThreads::~WorkerThreads() {
    {
        std::lock_guard const lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) {
        thread.join();
    }
}

bool WorkerThreads::run(world::Task job, world::Task done) {
    {
        std::lock_guard const lock(mutex_);
        if (jobs_.size() >= kMostWaiting) {
            return false;
        }
        jobs_.push_back({std::move(job), std::move(done)});
    }
    if (threads_.size() < kThreads) {
        threads_.emplace_back([this] { work(); });
    }
    wake_.notify_one();
    return true;
}

void WorkerThreads::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [&] { return stopping_ || !jobs_.empty(); });
        if (stopping_) {
            return;
        }
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job.job();
        loop_.post(std::move(job.done));
        lock.lock();
    }
}

}  // namespace signalbox::native
