#pragma once

#include "engine/base/time.h"
#include "engine/world/entropy.h"

#include <algorithm>
#include <cstdint>

namespace signalbox::client {

/// How long to wait before the next attempt to connect.
struct ReconnectOptions {
    Duration first_wait = base::milliseconds(100);
    Duration longest_wait = base::seconds(5);
    /// 0: for ever.
    std::uint32_t max_attempts = 0;
};

/// Waits that double up to a bound, each shortened by chance by up to a third, so that the clients
/// of a server that comes back do not all come at once.
class Backoff {
public:
    explicit Backoff(ReconnectOptions options) : options_(options), wait_(options.first_wait) {}

    /// False when enough attempts were made.
    bool may_try() const { return options_.max_attempts == 0 || attempts_ < options_.max_attempts; }

    Duration next_wait(world::Entropy& entropy) {
        ++attempts_;
        auto const third = static_cast<std::uint64_t>(wait_.count() / 3);
        std::uint64_t const shorter =
            third == 0 ? 0 : entropy.below(std::min<std::uint64_t>(third, 0xffffffffU));
        Duration const wait = wait_ - Duration(static_cast<std::int64_t>(shorter));
        wait_ = std::min(wait_ * 2, options_.longest_wait);
        return wait;
    }

    /// An attempt succeeded.
    void reset() {
        wait_ = options_.first_wait;
        attempts_ = 0;
    }

private:
    ReconnectOptions options_;
    Duration wait_;
    std::uint32_t attempts_ = 0;
};

}  // namespace signalbox::client
