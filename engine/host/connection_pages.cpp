#include "engine/host/connection_pages.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace signalbox::host {
namespace {

/// One in which somebody may be missing who is there.
ConnectionsDocument as_cut(ConnectionsDocument document) {
    document.total = std::max<std::uint64_t>(document.total, document.connections.size() + 1);
    return document;
}

}  // namespace

std::optional<ConnectionsDocument> ConnectionPages::add(ConnectionsDocument page) {
    auto const first = [](ConnectionsDocument const& of) {
        return of.connections.front().identity.cid;
    };
    // The page that was to come did not, and this is the first one of the next look; or the server
    // answers every page with the first. It will do, and no more is asked for.
    if (!so_far_.connections.empty() && !page.connections.empty() &&
        first(page) <= first(so_far_)) {
        give_up();
        return as_cut(std::move(page));
    }
    auto& listed = so_far_.connections;
    std::size_t const before = listed.size();
    if (before > 0) {
        bool const goes_on = !page.connections.empty() &&
                             page.connections.front().identity.cid == listed.back().identity.cid;
        broken_ = broken_ || !goes_on;
        if (goes_on) {
            page.connections.erase(page.connections.begin());
        }
    }
    so_far_.total = page.total;
    so_far_.now = page.now;
    std::ranges::move(page.connections, std::back_inserter(listed));
    bool const grew = listed.size() > before;
    if (grew && listed.size() < so_far_.total && listed.size() < kMost) {
        next_ = listed.size() - 1;
        return std::nullopt;
    }
    ConnectionsDocument whole = std::move(so_far_);
    bool const broken = broken_;
    give_up();
    return broken ? as_cut(std::move(whole)) : whole;
}

}  // namespace signalbox::host
