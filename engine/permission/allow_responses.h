#pragma once

#include "engine/base/hash.h"
#include "engine/base/time.h"
#include "engine/permission/permissions.h"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace signalbox::permission {

/// The requests that one connection was sent and may answer: so many times, for so long.
class AllowResponses {
public:
    explicit AllowResponses(ResponseRules const& rules) : rules_(rules) {}

    /// A message that asks for an answer on `reply` was delivered.
    void requested(std::string_view reply, Instant now);

    /// Whether one more answer may be published there; it is counted.
    bool take(std::string_view subject, Instant now);

    std::size_t size() const { return waiting_.size(); }

    /// Not more are kept; the oldest cannot be answered any more.
    static constexpr std::size_t kMost = 65'536;

private:
    struct Request {
        Instant at;
        std::int64_t answers = 0;
        std::uint64_t number = 0;
    };
    struct Came {
        std::string reply;
        std::uint64_t number = 0;
    };

    bool is_over(Request const& request, Instant now) const;
    void forget_old(Instant now);

    ResponseRules rules_;
    std::unordered_map<std::string, Request, base::TextHash, std::equal_to<>> waiting_;
    std::deque<Came> in_order_;  ///< Also some that are gone, or were asked for again.
    std::uint64_t next_number_ = 0;
};

}  // namespace signalbox::permission
