#pragma once

#include "engine/base/time.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace signalbox::system {

/// How many requests for the servers' services are answered: an answer costs far more than the
/// question. What comes faster is not answered. Buckets that fill as time passes, of connections
/// and of accounts.
class RequestRates {
public:
    /// Both a second, and as many at once.
    struct Limits {
        std::uint64_t of_connection = 100;
        std::uint64_t of_account = 1'000;
    };

    explicit RequestRates(Limits limits) : limits_(limits) {}

    /// Whether one more is answered; counts it then.
    bool take(std::string_view account, std::uint64_t connection, Instant now);

private:
    struct Bucket {
        double level = 0;  ///< What was taken and has not come back yet.
        Instant at;
    };

    static bool has_room(Bucket& bucket, std::uint64_t limit, Instant now);
    void forget_full(Instant now);

    Limits limits_;
    std::map<std::string, Bucket, std::less<>> accounts_;
    std::map<std::uint64_t, Bucket> connections_;
};

}  // namespace signalbox::system
