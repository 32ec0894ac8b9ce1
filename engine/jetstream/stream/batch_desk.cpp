#include "engine/jetstream/stream/batch_desk.h"

#include <utility>

namespace signalbox::jetstream {
namespace {

std::string_view word_of(OpenBatches::Abandoned abandoned) {
    switch (abandoned) {
        case OpenBatches::Abandoned::No:
            return "";
        case OpenBatches::Abandoned::Incomplete:
            return "incomplete";
        case OpenBatches::Abandoned::Large:
            return "large";
        case OpenBatches::Abandoned::Unsupported:
            return "unsupported";
    }
    return "";
}

}  // namespace

BatchDesk::~BatchDesk() {
    if (timer_) {
        world_.timers().cancel(*timer_);
    }
}

void BatchDesk::add(PublishCommand const& message, PublishHeaders const& headers,
                    std::string_view reply) {
    OpenBatches::Answer const answer =
        open_.add(message, headers, world_.clock().now(),
                  [&](BatchCommand const& batch) { hooks_.commit(batch, reply); });
    switch (answer.step) {
        case OpenBatches::Step::Taken:
            hooks_.taken(reply);
            break;
        case OpenBatches::Step::Committed:
            break;
        case OpenBatches::Step::Refused:
            hooks_.refuse(reply, *answer.error);
            break;
    }
    if (answer.abandoned != OpenBatches::Abandoned::No) {
        say_abandoned(std::string(*headers.batch_id), word_of(answer.abandoned));
    }
    plan();
}

/// A message is being handed out: who listens to advisories hears of it in the next turn.
void BatchDesk::say_abandoned(std::string id, std::string_view reason) {
    world_.turn().defer(
        [this, life = std::weak_ptr<char const>(life_), id = std::move(id), reason] {
            if (!life.expired()) {
                hooks_.abandoned(id, reason);
            }
        });
}

void BatchDesk::plan() {
    auto const next = open_.next_expiry();
    if (timer_ || !next) {
        return;
    }
    timer_ = world_.timers().call_at(*next, [this] {
        timer_.reset();
        expire();
    });
}

void BatchDesk::expire() {
    for (std::string const& id : open_.expire(world_.clock().now())) {
        hooks_.abandoned(id, "timeout");
    }
    plan();
}

}  // namespace signalbox::jetstream
