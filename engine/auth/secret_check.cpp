#include "engine/auth/secret_check.h"

#include "engine/crypto/bcrypt.h"

#include <utility>

namespace signalbox::auth {
SecretCheck::SecretCheck(world::Workers& workers)
    : queue_(std::make_shared<Queue>(Queue{.workers = &workers, .waiting = {}})) {}

void SecretCheck::compare(crypto::Secret const& given, crypto::Secret const& configured,
                          OnAnswer done) {
    if (!crypto::is_bcrypt(configured.reveal())) {
        done(given == configured);
        return;
    }
    auto const job =
        std::make_shared<Job>(Job{.given = given, .hash = configured, .done = std::move(done)});
    if (start(queue_, job)) {
        return;
    }
    // One that runs starts the next when it ends; without one nobody would.
    if (queue_->running == 0 || queue_->waiting.size() >= kMaxWaiting) {
        job->done(false);
        return;
    }
    queue_->waiting.push_back(job);
}

bool SecretCheck::start(std::shared_ptr<Queue> const& queue, JobPtr const& job) {
    bool const taken = queue->workers->run(
        [job] { job->same = crypto::bcrypt_matches(job->given, job->hash.reveal()); },
        [queue, job] {
            --queue->running;
            while (!queue->waiting.empty() && start(queue, queue->waiting.front())) {
                queue->waiting.pop_front();
            }
            job->done(job->same);
        });
    if (taken) {
        ++queue->running;
    }
    return taken;
}

}  // namespace signalbox::auth
