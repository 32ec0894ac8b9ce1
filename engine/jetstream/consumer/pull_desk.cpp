#include "engine/jetstream/consumer/pull_desk.h"

#include "engine/base/duration_text.h"
#include "engine/base/text.h"
#include "engine/jetstream/consumer/advisories.h"
#include "engine/jetstream/consumer/consumer.h"

#include <algorithm>
#include <utility>

namespace signalbox::jetstream {
namespace {

constexpr std::size_t kPinIdLength = 22;

std::string pending_headers(WaitingPull const& pull) {
    return concat("Nats-Pending-Messages: ", pull.request.batch,
                  "\r\nNats-Pending-Bytes: ", pull.bytes_left, "\r\n");
}

std::string random_id(world::Entropy& entropy) {
    constexpr std::string_view kDigits =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::string id;
    for (std::size_t i = 0; i < kPinIdLength; ++i) {
        id += kDigits[entropy.below(kDigits.size())];
    }
    return id;
}

}  // namespace

PullDesk::PullDesk(ConsumerHome& home, Consumer& consumer, std::function<void()> wanted)
    : home_(home),
      consumer_(consumer),
      wanted_(std::move(wanted)),
      queue_(consumer.config().priority.policy),
      chosen_(queue_.end()),
      alarm_(home.host().world(), [this] { look(); }),
      pin_alarm_(home.host().world(), [this] { drop_stale_pins(); }) {}

void PullDesk::request(std::string reply, Bytes body, Supply const& supply) {
    Outlet& outlet = home_.outlet();
    Result<PullRequest> parsed = parse_pull_request(body);
    if (!parsed.ok()) {
        outlet.status(reply, concat("400 Bad Request - ", parsed.error().detail()));
        return;
    }
    PullRequest request = std::move(parsed).value();
    if (!is_allowed(reply, request) || !is_allowed_by_group(reply, request.wish) ||
        !has_room(reply, request) || is_pointless(reply, request, supply)) {
        return;
    }
    Instant const now = home_.host().world().clock().now();
    WaitingPull pull{.reply = std::move(reply), .request = std::move(request)};
    pull.bytes_left = pull.request.max_bytes;
    if (pull.request.expires.count() > 0) {
        pull.expires = now + pull.request.expires;
        alarm_.by(*pull.expires);
    }
    if (pull.request.heartbeat.count() > 0) {
        pull.heartbeat = now + pull.request.heartbeat;
        alarm_.by(*pull.heartbeat);
    }
    if (!pin_.id.empty() && pull.request.wish.pin_id == pin_.id) {
        pin_.last_seen = now;
    }
    queue_.add(std::move(pull));
    wanted_();
}

bool PullDesk::is_allowed(std::string const& reply, PullRequest const& request) {
    PullSettings const& limits = consumer_.config().pull;
    std::string refusal;
    if (limits.max_batch > 0 && request.batch > limits.max_batch) {
        refusal = concat("409 Exceeded MaxRequestBatch of ", limits.max_batch);
    } else if (limits.max_expires.count() > 0 && request.expires > limits.max_expires) {
        refusal =
            concat("409 Exceeded MaxRequestExpires of ", base::duration_text(limits.max_expires));
    } else if (limits.max_bytes > 0 && request.max_bytes > limits.max_bytes) {
        refusal = concat("409 Exceeded MaxRequestMaxBytes of ", limits.max_bytes);
    }
    if (!refusal.empty()) {
        home_.outlet().status(reply, refusal);
    }
    return refusal.empty();
}

bool PullDesk::is_allowed_by_group(std::string const& reply, PriorityWish const& wish) {
    PrioritySettings const& settings = consumer_.config().priority;
    std::string_view refusal;
    if (wish.priority < 0 || wish.priority > 9) {
        refusal = "400 Bad Request - Priority must be between 0 and 9";
    } else if ((wish.min_pending > 0 || wish.min_ack_pending > 0) &&
               settings.policy != PriorityPolicy::Overflow) {
        refusal = "400 Bad Request - Not a Overflow Priority consumer";
    } else if (!wish.pin_id.empty() && settings.policy != PriorityPolicy::PinnedClient) {
        refusal = "400 Bad Request - Not a Pinned Client Priority consumer";
    } else if (settings.policy != PriorityPolicy::None && wish.group.empty()) {
        refusal = "400 Bad Request - Priority Group missing";
    } else if (settings.policy != PriorityPolicy::None &&
               std::ranges::find(settings.groups, wish.group) == settings.groups.end()) {
        refusal = "400 Bad Request - Invalid Priority Group";
    } else if (!wish.pin_id.empty() && wish.pin_id != pin_.id) {
        refusal = "423 Nats-Pin-Id mismatch";
    }
    if (!refusal.empty()) {
        home_.outlet().status(reply, refusal);
    }
    return refusal.empty();
}

/// Who does not wait is told at once where there is nothing, or nothing beyond what others get.
bool PullDesk::is_pointless(std::string const& reply, PullRequest const& request,
                            Supply const& supply) {
    if (!request.no_wait) {
        return false;
    }
    if (supply.messages == 0 && request.expires.count() == 0) {
        home_.outlet().status(reply, "404 No Messages");
        return true;
    }
    if (supply.messages > 0 && supply.messages < queue_.wanted()) {
        home_.outlet().status(reply, "408 Requests Pending");
        return true;
    }
    return false;
}

bool PullDesk::has_room(std::string const& reply, PullRequest const& request) {
    auto const most = static_cast<std::size_t>(consumer_.config().pull.max_waiting);
    if (queue_.size() < most) {
        return true;
    }
    drop_unheard();
    if (queue_.size() < most) {
        return true;
    }
    // Who has heartbeats hears by their absence, and asks again later.
    if (request.heartbeat.count() == 0) {
        home_.outlet().status(reply, "409 Exceeded MaxWaiting");
    }
    return false;
}

void PullDesk::drop_unheard() {
    for (PullQueue::Place at = queue_.begin(); at != queue_.end();) {
        at = home_.outlet().is_wanted(at->reply) ? std::next(at) : queue_.remove(at);
    }
}

WaitingPull const* PullDesk::choose(Supply const& supply) {
    PullConditions const conditions{
        .pending = supply.messages, .ack_pending = supply.ack_pending, .pin_id = pin_.id};
    while (true) {
        chosen_ = queue_.choose(conditions);
        if (chosen_ == queue_.end()) {
            return nullptr;
        }
        if (home_.outlet().is_wanted(chosen_->reply)) {
            break;
        }
        queue_.remove(chosen_);
    }
    if (consumer_.config().priority.policy == PriorityPolicy::PinnedClient && pin_.id.empty()) {
        pin_to(*chosen_);
    }
    return &*chosen_;
}

void PullDesk::pin_to(WaitingPull& pull) {
    world::World& world = home_.host().world();
    pin_ = {.id = random_id(world.entropy()),
            .since = world.clock().wall_now(),
            .last_seen = world.clock().now()};
    pull.request.wish.pin_id = pin_.id;
    home_.advisories().pinned(consumer_, pull.request.wish.group, pin_.id);
    pin_alarm_.by(pin_.last_seen + consumer_.config().priority.timeout);
}

void PullDesk::drop_stale_pins() {
    if (pin_.id.empty()) {
        return;
    }
    Duration const timeout = consumer_.config().priority.timeout;
    bool const waits = std::ranges::any_of(
        queue_, [&](WaitingPull const& pull) { return pull.request.wish.pin_id == pin_.id; });
    Instant const now = home_.host().world().clock().now();
    if (waits) {
        pin_.last_seen = now;
    }
    if (now - pin_.last_seen < timeout) {
        pin_alarm_.by(pin_.last_seen + timeout);
        return;
    }
    unpin("timeout");
}

bool PullDesk::unpin(std::string_view reason) {
    if (pin_.id.empty()) {
        return false;
    }
    std::string const id = std::exchange(pin_.id, {});
    pin_.since = home_.host().world().clock().wall_now();
    for (PullQueue::Place at = queue_.begin(); at != queue_.end();) {
        at = at->request.wish.pin_id == id ? end_one(at, "423 Nats-Wrong-Pin-Id") : std::next(at);
    }
    home_.advisories().unpinned(consumer_, consumer_.config().priority.groups.front(), reason);
    wanted_();
    return true;
}

bool PullDesk::fits(std::size_t bytes) {
    if (chosen_->request.max_bytes == 0 ||
        static_cast<std::int64_t>(bytes) <= chosen_->bytes_left) {
        return true;
    }
    end_one(chosen_, "409 Message Size Exceeds MaxBytes");
    return false;
}

void PullDesk::served(std::size_t bytes) {
    WaitingPull& pull = *chosen_;
    ++pull.delivered;
    --pull.request.batch;
    if (pull.heartbeat) {
        pull.heartbeat = home_.host().world().clock().now() + pull.request.heartbeat;
    }
    if (pull.request.max_bytes > 0) {
        pull.bytes_left -= static_cast<std::int64_t>(bytes);
    }
    if (pull.request.max_bytes > 0 && pull.bytes_left <= 0) {
        queue_.remove(chosen_);
    } else if (pull.request.batch > 0) {
        queue_.rotate(chosen_);
    } else if (pull.bytes_left > 0) {
        end_one(chosen_, "409 Batch Completed");
    } else {
        queue_.remove(chosen_);
    }
    chosen_ = queue_.end();
}

PullQueue::Place PullDesk::end_one(PullQueue::Place place, std::string_view status) {
    home_.outlet().status(place->reply, status, pending_headers(*place));
    return queue_.remove(place);
}

void PullDesk::ran_dry(bool blocked) {
    if (blocked) {
        return;
    }
    for (PullQueue::Place at = queue_.begin(); at != queue_.end();) {
        bool const over =
            at->request.no_wait && (at->delivered > 0 || at->request.expires.count() == 0);
        if (over) {
            home_.outlet().status(at->reply, "404 No Messages");
        }
        at = over ? queue_.remove(at) : std::next(at);
    }
}

void PullDesk::end_all(std::string_view status) {
    for (PullQueue::Place at = queue_.begin(); at != queue_.end();) {
        home_.outlet().status(at->reply, status);
        at = queue_.remove(at);
    }
}

void PullDesk::beat(WaitingPull& pull, Instant now) {
    Position const& delivered = consumer_.state().delivered();
    home_.outlet().status(pull.reply, "100 Idle Heartbeat",
                          concat("Nats-Last-Consumer: ", delivered.consumer_sequence,
                                 "\r\nNats-Last-Stream: ", delivered.stream_sequence, "\r\n"));
    pull.heartbeat = now + pull.request.heartbeat;
}

void PullDesk::look() {
    Instant const now = home_.host().world().clock().now();
    for (PullQueue::Place at = queue_.begin(); at != queue_.end();) {
        if (at->expires && *at->expires <= now) {
            at = end_one(at, "408 Request Timeout");
            continue;
        }
        if (at->heartbeat && *at->heartbeat <= now) {
            beat(*at, now);
        }
        ++at;
    }
    set_alarm();
}

void PullDesk::set_alarm() {
    if (std::optional<Instant> const due = queue_.next_due()) {
        alarm_.by(*due);
    }
}

}  // namespace signalbox::jetstream
