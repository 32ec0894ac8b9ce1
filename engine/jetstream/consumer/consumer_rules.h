#pragma once

#include "engine/jetstream/consumer/consumer_config.h"
#include "engine/jetstream/error/api_error.h"
#include "engine/jetstream/stream/consumer_part.h"

#include <optional>
#include <string_view>
#include <vector>

namespace signalbox::jetstream {

/// Nothing: it is allowed.
using Refusal = std::optional<ApiError>;

inline constexpr Duration kDefaultAckWait = base::seconds(30);
inline constexpr std::int64_t kDefaultMaxAckPending = 1'000;
inline constexpr std::int64_t kDefaultMaxWaiting = 512;
inline constexpr Duration kDefaultInactiveThreshold = base::seconds(5);
inline constexpr Duration kDefaultPriorityTimeout = base::minutes(2);

/// Fills in what the request left out, and the level it needs in the metadata.
ConsumerConfig with_defaults(ConsumerConfig config, StreamFacts const& facts);

/// Whether a consumer may be made so, whatever others there are. After `with_defaults`.
Refusal check_config(ConsumerConfig const& config, StreamFacts const& facts);

/// Whether it may be beside the others of a work queue, whose messages have one reader each.
Refusal check_beside_others(ConsumerConfig const& config, StreamFacts const& facts,
                            std::vector<ConsumerConfig const*> const& others);

/// Whether a consumer may become this: the errors are all ConsumerCreate, with their own text.
Refusal check_update(ConsumerConfig const& was, ConsumerConfig const& wanted);

/// Whether the two ask for the same, but for what servers say of themselves in the metadata.
bool same_request(ConsumerConfig const& a, ConsumerConfig const& b);

/// A name that consumers and streams may have: not empty, no white space, dots, wildcards, slashes.
bool is_valid_name(std::string_view name);
inline constexpr std::size_t kLongestName = 255;

/// A name that priority groups may have; not empty.
bool is_group_name(std::string_view name);

/// Whether some subject is matched by both.
bool filters_collide(std::string_view a, std::string_view b);

/// The percentage of `sample_freq`, 0 to 100. Nothing: it is none.
std::optional<int> sampling_percentage(std::string_view text);

}  // namespace signalbox::jetstream
