#pragma once

#include "engine/crypto/secret.h"
#include "engine/world/workers.h"

#include <deque>
#include <functional>
#include <memory>

namespace signalbox::auth {

/// Compares secrets with what the configuration holds, plain or as a bcrypt hash. Hashes are
/// computed by workers, for one takes as long as thousands of messages; those that find no worker
/// wait for their turn.
class SecretCheck {
public:
    explicit SecretCheck(world::Workers& workers);

    using OnAnswer = std::function<void(bool)>;

    /// Calls `done(true)` when they are the same; false also when too many are waiting already.
    /// Plain secrets are compared at once. Answers also when the check itself is gone by then.
    void compare(crypto::Secret const& given, crypto::Secret const& configured, OnAnswer done);

    /// Not more wait for a worker.
    static constexpr std::size_t kMaxWaiting = 4'096;

private:
    struct Job {
        crypto::Secret given;
        crypto::Secret hash;
        OnAnswer done;
        bool same = false;
    };
    using JobPtr = std::shared_ptr<Job>;
    /// Outlives the check while a worker has a job of it.
    struct Queue {
        world::Workers* workers;
        std::deque<JobPtr> waiting;
        std::size_t running = 0;
    };

    static bool start(std::shared_ptr<Queue> const& queue, JobPtr const& job);

    std::shared_ptr<Queue> queue_;
};

}  // namespace signalbox::auth
