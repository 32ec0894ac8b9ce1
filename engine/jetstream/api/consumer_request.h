#pragma once

#include "engine/base/json_reader.h"
#include "engine/jetstream/consumer/consumer_config.h"
#include "engine/jetstream/consumer/consumer_rules.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox::jetstream {

/// Whether a consumer is to be new, to be there, or either.
enum class ConsumerAction : std::uint8_t {
    Either,
    Create,
    Update,
};

/// The body of a request to make a consumer.
struct ConsumerRequest {
    std::string stream;
    ConsumerConfig config;
    ConsumerAction action = ConsumerAction::Either;
    bool pedantic = false;
};

/// Errors: Malformed, with the text that stands behind `invalid JSON: `.
Result<ConsumerRequest> read_consumer_request(Json const& json, UnknownFields unknown);

/// What the subject of such a request says; views into it.
struct ConsumerSubject {
    std::string_view stream;
    std::string_view consumer;  ///< Empty: it has no name.
    std::string_view filter;    ///< Empty: none.
    bool durable = false;       ///< `DURABLE.CREATE`.
};

/// Whether body and subject go together; the consumer's name is taken from the subject.
Refusal reconcile(ConsumerRequest& request, ConsumerSubject const& subject);

}  // namespace signalbox::jetstream
