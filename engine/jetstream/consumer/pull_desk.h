#pragma once

#include "engine/jetstream/consumer/alarm.h"
#include "engine/jetstream/consumer/consumer_home.h"
#include "engine/jetstream/consumer/pull_queue.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::jetstream {

/// Which client of a priority group has all messages.
struct Pin {
    std::string id;       ///< Empty: nobody.
    WallTime since;       ///< Also of the last change to nobody.
    Instant last_seen{};  ///< When its client pulled last.
};

/// The pull requests of one consumer: takes them, serves them in turn, and tells those that end
/// without having got all they asked for.
class PullDesk {
public:
    /// What there is to pull, as the desk has to know.
    struct Supply {
        std::uint64_t messages = 0;  ///< New and to be delivered again.
        std::uint64_t ack_pending = 0;
    };

    /// `wanted` is called when a request came, or may be served now.
    PullDesk(ConsumerHome& home, Consumer& consumer, std::function<void()> wanted);

    /// A request came: it waits, or it is answered at once.
    void request(std::string reply, Bytes body, Supply const& supply);

    bool empty() const { return queue_.empty(); }
    std::size_t size() const { return queue_.size(); }
    Pin const& pin() const { return pin_; }

    /// The request to serve next; null: none may be. Lasts until the next call.
    WaitingPull const* choose(Supply const& supply);
    /// Whether a message of that size may go to the chosen request; if not, it is told and ends.
    bool fits(std::size_t bytes);
    /// The chosen request got it.
    void served(std::size_t bytes);
    /// There is nothing more to deliver now, or nothing may be: `blocked`.
    void ran_dry(bool blocked);

    /// Requests whose inbox nobody listens on any more end without a word.
    void drop_unheard();
    /// All requests end with this status.
    void end_all(std::string_view status);
    /// Whoever is pinned is it no more. False: nobody was.
    bool unpin(std::string_view reason);

private:
    bool is_allowed(std::string const& reply, PullRequest const& request);
    bool is_allowed_by_group(std::string const& reply, PriorityWish const& wish);
    bool is_pointless(std::string const& reply, PullRequest const& request, Supply const& supply);
    bool has_room(std::string const& reply, PullRequest const& request);
    void pin_to(WaitingPull& pull);
    void drop_stale_pins();
    PullQueue::Place end_one(PullQueue::Place place, std::string_view status);
    void look();
    void set_alarm();
    void beat(WaitingPull& pull, Instant now);

    ConsumerHome& home_;
    Consumer& consumer_;
    std::function<void()> wanted_;
    PullQueue queue_;
    PullQueue::Place chosen_;
    Pin pin_;
    Alarm alarm_;
    Alarm pin_alarm_;
};

}  // namespace signalbox::jetstream
