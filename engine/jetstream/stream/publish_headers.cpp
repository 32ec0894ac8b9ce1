#include "engine/jetstream/stream/publish_headers.h"

#include "engine/base/duration_text.h"
#include "engine/base/number.h"
#include "engine/base/text.h"
#include "engine/protocol/headers.h"

namespace signalbox::jetstream {
namespace {

using H = PublishHeaders;

struct Known {
    char const* name;
    std::optional<std::string_view> H::*member;
};

constexpr Known kKnown[] = {
    {"Nats-Msg-Id", &H::message_id},
    {"Nats-Expected-Stream", &H::expected_stream},
    {"Nats-Expected-Last-Sequence", &H::expected_last_sequence},
    {"Nats-Expected-Last-Msg-Id", &H::expected_last_id},
    {"Nats-Expected-Last-Subject-Sequence", &H::expected_subject_sequence},
    {"Nats-Expected-Last-Subject-Sequence-Subject", &H::expected_subject},
    {"Nats-Rollup", &H::rollup},
    {"Nats-TTL", &H::ttl},
    {"Nats-Incr", &H::increment},
    {"Nats-Batch-Id", &H::batch_id},
    {"Nats-Batch-Sequence", &H::batch_sequence},
    {"Nats-Batch-Commit", &H::batch_commit},
    {"Nats-Schedule", &H::schedule},
    {"Nats-Schedule-Target", &H::schedule_target},
    {"Nats-Schedule-TTL", &H::schedule_ttl},
    {"Nats-Schedule-Source", &H::schedule_source},
    {"Nats-Schedule-Rollup", &H::schedule_rollup},
    {"Nats-Schedule-Time-Zone", &H::schedule_zone},
    {"Nats-Schedule-Next", &H::schedule_next},
    {"Nats-Scheduler", &H::scheduler},
    {"Nats-Required-Api-Level", &H::required_level},
    {"Nats-Marker-Reason", &H::marker},
    {"Nats-Stream-Source", &H::source},
};

}  // namespace

PublishHeaders PublishHeaders::of(Bytes block) {
    PublishHeaders found;
    if (block.empty()) {
        return found;
    }
    protocol::HeaderFields fields(block);
    while (auto const field = fields.next()) {
        if (field->name == "KV-Operation") {
            found.key_purge = field->value == "PURGE";
        }
        if (!field->name.starts_with("Nats-")) {
            continue;
        }
        for (Known const& known : kKnown) {
            // Of two of a name the first counts.
            if (field->name == known.name && !(found.*known.member)) {
                found.*known.member = field->value;
            }
        }
    }
    return found;
}

std::optional<Lifetime> parse_lifetime(std::string_view text) {
    if (base::equal_ignoring_case(text, "never")) {
        return Lifetime{.endless = true};
    }
    Duration length{0};
    if (auto const seconds = base::parse_int(text)) {
        constexpr std::int64_t kMost = 9'000'000'000;
        length = *seconds > kMost || *seconds < 0 ? Duration{0} : base::seconds(*seconds);
    } else if (auto const duration = base::parse_duration(text); duration.ok()) {
        length = std::chrono::duration_cast<base::seconds>(duration.value());
    }
    return length < base::seconds(1) ? std::nullopt : std::optional(Lifetime{.length = length});
}

}  // namespace signalbox::jetstream
