#pragma once

#include "engine/base/json_writer.h"
#include "engine/base/time.h"
#include "engine/event/event_id.h"
#include "engine/jetstream/stream/consumer_part.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox::jetstream {

class Consumer;
class Outlet;

/// Which delivery an advisory is about.
struct AckDetail {
    std::uint64_t consumer_sequence = 0;
    std::uint64_t stream_sequence = 0;
    std::uint64_t deliveries = 0;
};

/// What is said of consumers under `$JS.EVENT`, made only when somebody listens.
class Advisories {
public:
    Advisories(ConsumerHost& host, Outlet& outlet);

    void created(Consumer const& consumer) { action(consumer, "CREATED", "create"); }
    void deleted(Consumer const& consumer) { action(consumer, "DELETED", "delete"); }
    void paused(Consumer const& consumer, bool paused);
    void max_deliveries(Consumer const& consumer, AckDetail const& detail);
    void nak(Consumer const& consumer, AckDetail const& detail);
    void terminated(Consumer const& consumer, AckDetail const& detail, std::string_view reason);
    void pinned(Consumer const& consumer, std::string_view group, std::string_view pin_id);
    void unpinned(Consumer const& consumer, std::string_view group, std::string_view reason);
    void ack_sample(Consumer const& consumer, AckDetail const& detail, Duration ack_time);

private:
    void action(Consumer const& consumer, std::string_view subject, std::string_view action);
    /// The subject, ending in stream and consumer; empty when nobody listens.
    std::string subject_for(std::string_view what, Consumer const& consumer);
    JsonWriter begin(std::string_view type, Consumer const& consumer);
    void say(std::string const& subject, JsonWriter& json);

    ConsumerHost& host_;
    Outlet& outlet_;
    event::EventIds ids_;
};

}  // namespace signalbox::jetstream
