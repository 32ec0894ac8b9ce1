#pragma once

#include "engine/base/mutex.h"
#include "engine/host/command.h"

#include <condition_variable>
#include <vector>

namespace signalbox::host {

/// Outcomes on their way from the engine's thread to the owner's. Rare, so a lock does.
class Mailbox {
public:
    void put(Outcome outcome) {
        {
            base::MutexLock const lock(mutex_);
            outcomes_.push_back(std::move(outcome));
        }
        came_.notify_all();
    }

    std::vector<Outcome> take_all() {
        base::MutexLock const lock(mutex_);
        return std::exchange(outcomes_, {});
    }

    /// Waits for the outcome of that command and takes it out.
    Outcome wait(Token token);

private:
    base::Mutex mutex_;
    std::condition_variable_any came_;
    std::vector<Outcome> outcomes_ GUARDED_BY(mutex_);
};

}  // namespace signalbox::host
