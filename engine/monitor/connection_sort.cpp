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

std::vector<ConnectionFacts> take_page(std::vector<ConnectionFacts>&& connections,
                                       ConnectionSort sort, std::size_t begin, std::size_t end,
                                       WallTime now) {
    // Small places are moved about instead of the connections, and looked up once.
    struct Place {
        std::int64_t key;
        std::uint64_t cid;
        std::size_t index;
    };
    std::vector<Place> places;
    places.reserve(connections.size());
    for (std::size_t i = 0; i < connections.size(); ++i) {
        ConnectionFacts const& c = connections[i];
        places.push_back({sort_key(c, sort, now), c.identity->cid, i});
    }
    auto const comes_first = [&](Place const& a, Place const& b) {
        if (sort == ConnectionSort::Reason) {
            int const order = connections[a.index].reason.compare(connections[b.index].reason);
            return order != 0 ? order < 0 : a.cid < b.cid;
        }
        return a.key != b.key ? a.key < b.key : a.cid < b.cid;
    };
    auto const at = [&](std::size_t i) { return places.begin() + static_cast<std::ptrdiff_t>(i); };
    // Of ten thousand connections and a page of a thousand, only the page is put in order.
    if (end < places.size()) {
        std::nth_element(places.begin(), at(end), places.end(), comes_first);
    }
    std::sort(places.begin(), at(end), comes_first);
    std::vector<ConnectionFacts> page;
    page.reserve(end - begin);
    for (std::size_t i = begin; i < end; ++i) {
        page.push_back(std::move(connections[places[i].index]));
    }
    return page;
}

}  // namespace signalbox::monitor
