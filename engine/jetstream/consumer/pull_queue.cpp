#include "engine/jetstream/consumer/pull_queue.h"

#include <algorithm>
#include <utility>

namespace signalbox::jetstream {
namespace {

bool may_be_served(PriorityPolicy policy, PriorityWish const& wish,
                   PullConditions const& conditions) {
    switch (policy) {
        case PriorityPolicy::None:
        case PriorityPolicy::Prioritized:
            return true;
        case PriorityPolicy::Overflow: {
            bool const always = wish.min_pending <= 0 && wish.min_ack_pending <= 0;
            bool const much = wish.min_pending > 0 &&
                              static_cast<std::uint64_t>(wish.min_pending) <= conditions.pending;
            bool const unacked =
                wish.min_ack_pending > 0 &&
                static_cast<std::uint64_t>(wish.min_ack_pending) <= conditions.ack_pending;
            return always || much || unacked;
        }
        case PriorityPolicy::PinnedClient:
            return conditions.pin_id.empty() || wish.pin_id == conditions.pin_id;
    }
    return true;
}

}  // namespace

PullQueue::Place PullQueue::place_for(WaitingPull const& pull) {
    if (policy_ != PriorityPolicy::Prioritized) {
        return pulls_.end();
    }
    return std::ranges::find_if(pulls_, [&](WaitingPull const& other) {
        return other.request.wish.priority > pull.request.wish.priority;
    });
}

void PullQueue::add(WaitingPull pull) {
    Place const place = place_for(pull);
    pulls_.insert(place, std::move(pull));
}

void PullQueue::rotate(Place place) {
    if (pulls_.size() > 1) {
        pulls_.splice(place_for(*place), pulls_, place);
    }
}

PullQueue::Place PullQueue::choose(PullConditions const& conditions) {
    return std::ranges::find_if(pulls_, [&](WaitingPull const& pull) {
        return may_be_served(policy_, pull.request.wish, conditions);
    });
}

std::uint64_t PullQueue::wanted() const {
    std::uint64_t sum = 0;
    for (WaitingPull const& pull : pulls_) {
        sum += static_cast<std::uint64_t>(pull.request.batch);
    }
    return sum;
}

std::optional<Instant> PullQueue::next_due() const {
    std::optional<Instant> first;
    for (WaitingPull const& pull : pulls_) {
        for (std::optional<Instant> const& due : {pull.expires, pull.heartbeat}) {
            if (due && (!first || *due < *first)) {
                first = due;
            }
        }
    }
    return first;
}

}  // namespace signalbox::jetstream
