#include "engine/jetstream/consumer/advisories.h"

#include "engine/base/text.h"
#include "engine/jetstream/consumer/consumer.h"
#include "engine/jetstream/consumer/outlet.h"
#include "engine/world/world.h"

namespace signalbox::jetstream {

Advisories::Advisories(ConsumerHost& host, Outlet& outlet)
    : host_(host), outlet_(outlet), ids_(host.world().entropy()) {}

std::string Advisories::subject_for(std::string_view what, Consumer const& consumer) {
    std::string subject = concat("$JS.EVENT.", what, ".", host_.facts().name, ".", consumer.name());
    return outlet_.is_wanted(subject) ? subject : std::string();
}

JsonWriter Advisories::begin(std::string_view type, Consumer const& consumer) {
    JsonWriter json;
    json.begin_object()
        .field("type", concat("io.nats.jetstream.", type))
        .field("id", ids_.next())
        .field("timestamp", host_.world().clock().wall_now())
        .field("stream", host_.facts().name)
        .field("consumer", consumer.name());
    return json;
}

void Advisories::say(std::string const& subject, JsonWriter& json) {
    json.field_unless_empty("domain", host_.facts().domain).end_object();
    outlet_.say(subject, json.text());
}

void Advisories::action(Consumer const& consumer, std::string_view subject,
                        std::string_view action) {
    std::string const to = subject_for(concat("ADVISORY.CONSUMER.", subject), consumer);
    if (to.empty()) {
        return;
    }
    JsonWriter json = begin("advisory.v1.consumer_action", consumer);
    json.field("action", action);
    say(to, json);
}

void Advisories::paused(Consumer const& consumer, bool paused) {
    std::string const to = subject_for("ADVISORY.CONSUMER.PAUSE", consumer);
    if (to.empty()) {
        return;
    }
    JsonWriter json = begin("advisory.v1.consumer_pause", consumer);
    json.field("paused", paused);
    if (consumer.config().pause_until.is_set()) {
        json.field("pause_until", consumer.config().pause_until);
    }
    say(to, json);
}

void Advisories::max_deliveries(Consumer const& consumer, AckDetail const& detail) {
    std::string const to = subject_for("ADVISORY.CONSUMER.MAX_DELIVERIES", consumer);
    if (to.empty()) {
        return;
    }
    JsonWriter json = begin("advisory.v1.max_deliver", consumer);
    json.field("stream_seq", detail.stream_sequence).field("deliveries", detail.deliveries);
    say(to, json);
}

void Advisories::nak(Consumer const& consumer, AckDetail const& detail) {
    std::string const to = subject_for("ADVISORY.CONSUMER.MSG_NAKED", consumer);
    if (to.empty()) {
        return;
    }
    JsonWriter json = begin("advisory.v1.nak", consumer);
    json.field("consumer_seq", detail.consumer_sequence)
        .field("stream_seq", detail.stream_sequence)
        .field("deliveries", detail.deliveries);
    say(to, json);
}

void Advisories::terminated(Consumer const& consumer, AckDetail const& detail,
                            std::string_view reason) {
    std::string const to = subject_for("ADVISORY.CONSUMER.MSG_TERMINATED", consumer);
    if (to.empty()) {
        return;
    }
    JsonWriter json = begin("advisory.v1.terminated", consumer);
    json.field("consumer_seq", detail.consumer_sequence)
        .field("stream_seq", detail.stream_sequence)
        .field("deliveries", detail.deliveries)
        .field_unless_empty("reason", reason);
    say(to, json);
}

void Advisories::pinned(Consumer const& consumer, std::string_view group, std::string_view pin_id) {
    std::string const to = subject_for("ADVISORY.CONSUMER.PINNED", consumer);
    if (to.empty()) {
        return;
    }
    JsonWriter json = begin("advisory.v1.consumer_group_pinned", consumer);
    json.field("group", group).field("pinned_id", pin_id);
    say(to, json);
}

void Advisories::unpinned(Consumer const& consumer, std::string_view group,
                          std::string_view reason) {
    std::string const to = subject_for("ADVISORY.CONSUMER.UNPINNED", consumer);
    if (to.empty()) {
        return;
    }
    JsonWriter json = begin("advisory.v1.consumer_group_unpinned", consumer);
    json.field("group", group).field("reason", reason);
    say(to, json);
}

void Advisories::ack_sample(Consumer const& consumer, AckDetail const& detail, Duration ack_time) {
    std::string const to = subject_for("METRIC.CONSUMER.ACK", consumer);
    if (to.empty()) {
        return;
    }
    JsonWriter json = begin("metric.v1.consumer_ack", consumer);
    json.field("consumer_seq", detail.consumer_sequence)
        .field("stream_seq", detail.stream_sequence)
        .field("ack_time", ack_time.count())
        .field("deliveries", detail.deliveries);
    say(to, json);
}

}  // namespace signalbox::jetstream
