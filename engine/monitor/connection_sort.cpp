#include "engine/monitor/connection_sort.h"

#include "engine/base/text.h"

#include <algorithm>
#include <array>
#include <compare>
#include <utility>

namespace signalbox::monitor {
namespace {

using Named = std::pair<std::string_view, ConnectionSort>;
constexpr std::array<Named, 14> kNames{{
    {"cid", ConnectionSort::Cid},
    {"start", ConnectionSort::Start},
    {"subs", ConnectionSort::Subscriptions},
    {"pending", ConnectionSort::Pending},
    {"msgs_to", ConnectionSort::MessagesTo},
    {"msgs_from", ConnectionSort::MessagesFrom},
    {"bytes_to", ConnectionSort::BytesTo},
    {"bytes_from", ConnectionSort::BytesFrom},
    {"last", ConnectionSort::Last},
    {"idle", ConnectionSort::Idle},
    {"uptime", ConnectionSort::Uptime},
    {"stop", ConnectionSort::Stop},
    {"reason", ConnectionSort::Reason},
    {"rtt", ConnectionSort::Rtt},
}};

/// The number to order by, so that the smallest comes first.
std::int64_t sort_key(ConnectionFacts const& c, ConnectionSort sort, WallTime now) {
    auto const falling = [](std::uint64_t n) { return -static_cast<std::int64_t>(n); };
    switch (sort) {
        case ConnectionSort::Start:
            return c.identity->start.since_epoch().count();
        case ConnectionSort::Subscriptions:
            return falling(c.subscriptions);
        case ConnectionSort::Pending:
            return falling(c.pending_bytes);
        case ConnectionSort::MessagesTo:
            return falling(c.out_msgs);
        case ConnectionSort::MessagesFrom:
            return falling(c.in_msgs);
        case ConnectionSort::BytesTo:
            return falling(c.out_bytes);
        case ConnectionSort::BytesFrom:
            return falling(c.in_bytes);
        case ConnectionSort::Last:
            return -c.last_activity.since_epoch().count();
        case ConnectionSort::Idle:
            return ((c.last_activity) - (c.is_closed() ? c.stop : now)).count();
        case ConnectionSort::Uptime:
            return ((c.is_closed() ? c.stop : now) - c.identity->start).count();
        case ConnectionSort::Stop:
            return -c.stop.since_epoch().count();
        case ConnectionSort::Rtt:
            return -c.rtt.count();
        case ConnectionSort::Cid:
        case ConnectionSort::Reason:
            return 0;
    }
    return 0;
}

}  // namespace

Result<ConnectionSort> parse_connection_sort(std::string_view name) {
    if (name.empty()) {
        return ConnectionSort::Cid;
    }
    auto const found = std::ranges::find(kNames, name, &Named::first);
    if (found == kNames.end()) {
        return Error(Errc::InvalidArgument, concat("invalid sorting option: ", name));
    }
    return found->second;
}

void sort_page(std::vector<ConnectionFacts>& connections, ConnectionSort sort, std::size_t begin,
               std::size_t end, WallTime now) {
    auto const comes_first = [&](ConnectionFacts const& a, ConnectionFacts const& b) {
        if (sort == ConnectionSort::Reason && a.reason != b.reason) {
            return a.reason < b.reason;
        }
        std::int64_t const key_a = sort_key(a, sort, now);
        std::int64_t const key_b = sort_key(b, sort, now);
        return key_a != key_b ? key_a < key_b : a.identity->cid < b.identity->cid;
    };
    auto const at = [&](std::size_t index) {
        return connections.begin() + static_cast<std::ptrdiff_t>(index);
    };
    // Ten thousand connections and a page of a thousand: only the page is put in order.
    if (begin > 0 && begin < connections.size()) {
        std::nth_element(connections.begin(), at(begin), connections.end(), comes_first);
    }
    std::partial_sort(at(begin), at(end), connections.end(), comes_first);
}

}  // namespace signalbox::monitor
