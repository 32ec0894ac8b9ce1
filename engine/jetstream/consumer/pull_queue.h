#pragma once

#include "engine/base/time.h"
#include "engine/jetstream/consumer/consumer_config.h"
#include "engine/jetstream/consumer/pull_request.h"

#include <cstdint>
#include <list>
#include <optional>
#include <string>

namespace signalbox::jetstream {

/// A pull request that waits; `request` has what is left of it.
struct WaitingPull {
    std::string reply;
    PullRequest request;
    std::int64_t bytes_left = 0;         ///< With `request.max_bytes`.
    std::optional<Instant> expires{};    ///< Nothing: never.
    std::optional<Instant> heartbeat{};  ///< When the next one is due; nothing: never.
    std::uint64_t delivered = 0;
};

/// What decides whether a waiting request is served.
struct PullConditions {
    std::uint64_t pending = 0;
    std::uint64_t ack_pending = 0;
    std::string_view pin_id;  ///< Empty: nobody is pinned.
};

/// The pull requests of one consumer, in the order they are served: who got a message goes behind
/// the others.
class PullQueue {
public:
    using Pulls = std::list<WaitingPull>;
    using Place = Pulls::iterator;

    explicit PullQueue(PriorityPolicy policy) : policy_(policy) {}

    std::size_t size() const { return pulls_.size(); }
    bool empty() const { return pulls_.empty(); }
    Place begin() { return pulls_.begin(); }
    Place end() { return pulls_.end(); }

    /// Behind all others of its priority.
    void add(WaitingPull pull);
    /// It got a message and wants more.
    void rotate(Place place);
    /// Answers what was behind it.
    Place remove(Place place) { return pulls_.erase(place); }

    /// The first that may be served; `end`: none.
    Place choose(PullConditions const& conditions);

    /// What all of them still ask for.
    std::uint64_t wanted() const;

    /// When the first of them expires or wants a heartbeat; nothing: never.
    std::optional<Instant> next_due() const;

private:
    Place place_for(WaitingPull const& pull);

    PriorityPolicy policy_;
    Pulls pulls_;
};

}  // namespace signalbox::jetstream
