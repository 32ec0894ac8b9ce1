#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::claims {

/// Whether `name` may be that of a time zone, and so of a file below a directory: parts of letters,
/// digits, `_`, `+` and `-` that begin with a letter, three at most, between slashes.
bool is_time_zone_name(std::string_view name);

/// How far a place is ahead of UTC, at any time (RFC 8536).
class TimeZone {
public:
    /// The content of a file of the time zone database. Errors: Malformed, LimitExceeded.
    static Result<TimeZone> parse(Bytes bytes);

    Duration offset_at(WallTime time) const;

private:
    struct Change {
        std::int64_t at = 0;  ///< Seconds since 1970.
        std::int32_t offset = 0;
    };

    std::vector<Change> changes_;
    std::int32_t first_offset_ = 0;
    std::string rule_;  ///< For what is after the last change; may be empty.
};

/// Seconds ahead of UTC by a rule such as `CET-1CEST,M3.5.0,M10.5.0/3`. Errors: Malformed.
Result<std::int32_t> offset_by_rule(std::string_view rule, std::int64_t at);

}  // namespace signalbox::claims
