#include "engine/jetstream/consumer/push_target.h"

#include "engine/base/text.h"
#include "engine/jetstream/consumer/advisories.h"
#include "engine/jetstream/consumer/consumer.h"

#include <utility>

namespace signalbox::jetstream {
namespace {

/// What a rate limit lets through at once: the largest message there may be.
constexpr std::uint64_t kBurst = std::uint64_t{1} << 20;

std::string flow_subject(std::string_view stream, std::string_view consumer,
                         world::Entropy& entropy) {
    constexpr std::string_view kDigits =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::string subject = concat("$JS.FC.", stream, ".", consumer, ".");
    for (int i = 0; i < 4; ++i) {
        subject += kDigits[entropy.below(kDigits.size())];
    }
    return subject;
}

}  // namespace

PushTarget::PushTarget(ConsumerHome& home, Consumer& consumer, std::function<void()> opened)
    : home_(home),
      consumer_(consumer),
      opened_(std::move(opened)),
      rate_(consumer.config().push.rate_limit, kBurst),
      last_sent_(home.host().world().clock().now()),
      heartbeat_(home.host().world(), [this] { beat(); }),
      rate_alarm_(home.host().world(), [this] { opened_(); }) {
    look_for_interest();
}

void PushTarget::look_for_interest() {
    bool const bound = home_.outlet().is_wanted(consumer_.config().push.subject);
    if (bound == bound_) {
        return;
    }
    bound_ = bound;
    window_.restart();
    if (bound_) {
        last_sent_ = home_.host().world().clock().now();
        set_heartbeat();
        opened_();
    } else {
        heartbeat_.cancel();
    }
}

bool PushTarget::allows(std::size_t bytes) {
    if (rate_.unlimited()) {
        return true;
    }
    Instant const now = home_.host().world().clock().now();
    Instant const when = rate_.allow(now, bytes);
    if (when <= now) {
        return true;
    }
    rate_alarm_.by(when);
    return false;
}

void PushTarget::sent(std::size_t bytes) {
    last_sent_ = home_.host().world().clock().now();
    if (!consumer_.config().push.flow_control) {
        return;
    }
    window_.sent(bytes);
    if (window_.wants_request()) {
        request_flow();
    }
}

void PushTarget::request_flow() {
    std::string reply =
        flow_subject(home_.host().facts().name, consumer_.name(), home_.host().world().entropy());
    home_.outlet().status(consumer_.config().push.subject, "100 FlowControl Request", {}, reply);
    window_.requested(std::move(reply));
}

bool PushTarget::answered(std::string_view reply) {
    if (!window_.answered(reply)) {
        return false;
    }
    opened_();
    return true;
}

void PushTarget::beat() {
    Duration const every = consumer_.config().push.heartbeat;
    if (!bound_ || every.count() == 0) {
        return;
    }
    Instant const now = home_.host().world().clock().now();
    if (now - last_sent_ >= every) {
        Position const& delivered = consumer_.state().delivered();
        std::string headers = concat("Nats-Last-Consumer: ", delivered.consumer_sequence,
                                     "\r\nNats-Last-Stream: ", delivered.stream_sequence, "\r\n");
        if (!window_.request().empty()) {
            append(headers, "Nats-Consumer-Stalled: ", window_.request(), "\r\n");
        }
        home_.outlet().status(consumer_.config().push.subject, "100 Idle Heartbeat", headers);
        last_sent_ = now;
    }
    set_heartbeat();
}

void PushTarget::set_heartbeat() {
    Duration const every = consumer_.config().push.heartbeat;
    if (every.count() > 0) {
        heartbeat_.by(last_sent_ + every);
    }
}

void PushTarget::config_changed() {
    rate_ = RateLimit(consumer_.config().push.rate_limit, kBurst);
    bound_ = false;
    look_for_interest();
    opened_();
}

}  // namespace signalbox::jetstream
