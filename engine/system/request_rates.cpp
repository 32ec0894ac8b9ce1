#include "engine/system/request_rates.h"

#include <algorithm>

namespace signalbox::system {
namespace {

/// Beyond so many connections, those that did not ask for a second are forgotten.
constexpr std::size_t kMostRemembered = 1'024;

}  // namespace

bool RequestRates::has_room(Bucket& bucket, std::uint64_t limit, Instant now) {
    double const seconds = static_cast<double>((now - bucket.at).count()) / 1e9;
    bucket.level = std::max(0.0, bucket.level - seconds * static_cast<double>(limit));
    bucket.at = now;
    return bucket.level + 1 <= static_cast<double>(limit);
}

bool RequestRates::take(std::string_view account, std::uint64_t connection, Instant now) {
    if (connections_.size() > kMostRemembered) {
        forget_full(now);
    }
    auto found = accounts_.find(account);
    if (found == accounts_.end()) {
        found = accounts_.emplace(std::string(account), Bucket{.at = now}).first;
    }
    Bucket& of_connection = connections_.try_emplace(connection, Bucket{.at = now}).first->second;
    bool const room = has_room(found->second, limits_.of_account, now) &&
                      has_room(of_connection, limits_.of_connection, now);
    if (room) {
        found->second.level += 1;
        of_connection.level += 1;
    }
    return room;
}

/// A bucket that nothing was taken from for a second is full again.
void RequestRates::forget_full(Instant now) {
    auto const is_full = [now](auto const& each) {
        return now - each.second.at >= base::seconds(1);
    };
    std::erase_if(connections_, is_full);
    std::erase_if(accounts_, is_full);
}

}  // namespace signalbox::system
