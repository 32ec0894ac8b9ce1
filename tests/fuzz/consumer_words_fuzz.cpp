#include "engine/base/check.h"
#include "engine/jetstream/consumer/ack.h"
#include "engine/jetstream/consumer/consumer_rules.h"
#include "engine/jetstream/consumer/pull_request.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

using namespace signalbox;
using namespace signalbox::jetstream;

void pull(Bytes bytes) {
    Result<PullRequest> const request = parse_pull_request(bytes);
    if (request.ok()) {
        CHECK(request.value().batch >= 1);
        CHECK(request.value().max_bytes >= 0);
        CHECK(request.value().expires.count() >= 0);
    }
}

void ack(Bytes bytes) {
    Ack const ack = parse_ack(bytes);
    CHECK(!ack.delay || ack.delay->count() > 0);
}

void ack_subject(Bytes bytes) {
    std::optional<DeliveryName> const name = parse_ack_subject(bytes);
    if (!name || name->time < 0) {
        return;
    }
    std::string const text = AckSubjects("S", name->consumer).text(*name);
    std::optional<DeliveryName> const again = parse_ack_subject(text);
    CHECK(again.has_value());
    CHECK(again->stream_sequence == name->stream_sequence);
    CHECK(again->pending == name->pending);
}

/// What was read is written so that it is read as the same.
void config(Bytes bytes) {
    Result<Json> const json = Json::parse(bytes);
    if (!json.ok()) {
        return;
    }
    Result<ConsumerConfig> const read = read_consumer_config(json.value(), UnknownFields::Ignore);
    if (!read.ok()) {
        return;
    }
    StreamFacts facts;
    facts.name = "S";
    ConsumerConfig const settled = with_defaults(read.value(), facts);
    if (check_config(settled, facts)) {
        return;
    }
    JsonWriter out;
    write_consumer_config(out, settled, {});
    Result<ConsumerConfig> const again =
        read_consumer_config(Json::parse(out.text()).value(), UnknownFields::Refuse);
    CHECK(again.ok());
}

}  // namespace

/// What clients say to consumers. The first byte chooses what it is.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    Bytes const bytes(reinterpret_cast<char const*>(data) + 1, size - 1);
    switch (data[0] % 4) {
        case 0:
            pull(bytes);
            break;
        case 1:
            ack(bytes);
            break;
        case 2:
            ack_subject(bytes);
            break;
        default:
            config(bytes);
            break;
    }
    return 0;
}
