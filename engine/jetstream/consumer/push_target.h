#pragma once

#include "engine/jetstream/consumer/alarm.h"
#include "engine/jetstream/consumer/consumer_home.h"
#include "engine/jetstream/consumer/push_flow.h"

#include <functional>
#include <string>
#include <string_view>

namespace signalbox::jetstream {

/// Where a push consumer sends to: whether anybody listens, how fast it may be, and the heartbeats
/// in between.
class PushTarget {
public:
    /// `opened` is called when something may be sent that might not before.
    PushTarget(ConsumerHome& home, Consumer& consumer, std::function<void()> opened);

    /// Whether somebody listens, as of the last look.
    bool is_bound() const { return bound_; }
    /// Looks anew; there is no notice of subscriptions that come and go.
    void look_for_interest();

    /// Whether anything may be sent at all now.
    bool is_open() const { return bound_ && !window_.is_full(); }
    /// Whether so many bytes may be; if not, `opened` is called when they may.
    bool allows(std::size_t bytes);
    void sent(std::size_t bytes);
    /// The client worked off what a request for flow control was about. False: there was none.
    bool answered(std::string_view reply);

    /// The configuration is another.
    void config_changed();

private:
    void beat();
    void request_flow();
    void set_heartbeat();

    ConsumerHome& home_;
    Consumer& consumer_;
    std::function<void()> opened_;
    bool bound_ = false;
    FlowWindow window_;
    RateLimit rate_;
    Instant last_sent_;
    Alarm heartbeat_;
    Alarm rate_alarm_;
};

}  // namespace signalbox::jetstream
