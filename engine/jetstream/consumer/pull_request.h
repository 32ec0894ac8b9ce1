#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

#include <cstdint>
#include <string>

namespace signalbox::jetstream {

/// What one pull request asks of priority groups.
struct PriorityWish {
    std::string group;
    std::int64_t min_pending = 0;
    std::int64_t min_ack_pending = 0;
    std::string pin_id;
    std::int64_t priority = 0;  ///< 0 first.
};

/// A client asks for so many messages.
struct PullRequest {
    std::int64_t batch = 1;
    std::int64_t max_bytes = 0;  ///< 0: no limit.
    Duration expires{0};         ///< 0: never.
    Duration heartbeat{0};       ///< 0: none.
    bool no_wait = false;
    PriorityWish wish;
};

/// Reads the body of a pull request: empty, a number, or an object. What the object does not know
/// is passed over. Errors: Malformed, with the text that stands behind `400 Bad Request - `.
Result<PullRequest> parse_pull_request(Bytes body);

}  // namespace signalbox::jetstream
