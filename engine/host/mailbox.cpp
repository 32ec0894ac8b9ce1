#include "engine/host/mailbox.h"

#include <algorithm>
#include <utility>

namespace signalbox::host {

Outcome Mailbox::wait(Token token) {
    base::MutexLock const lock(mutex_);
    while (true) {
        auto const found = std::ranges::find(outcomes_, token, &Outcome::token);
        if (found != outcomes_.end()) {
            Outcome outcome = std::move(*found);
            outcomes_.erase(found);
            return outcome;
        }
        came_.wait(mutex_);
    }
}

}  // namespace signalbox::host
