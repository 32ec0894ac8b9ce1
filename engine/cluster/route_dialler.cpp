#include "engine/cluster/route_dialler.h"

#include "engine/base/text.h"

#include <algorithm>
#include <utility>

namespace signalbox::cluster {
namespace {

constexpr Duration kDialTimeout = base::seconds(1);
constexpr Duration kPause = base::seconds(1);
constexpr Duration kLongestPause = base::seconds(30);

}  // namespace

bool RouteDialler::is_dialling(config::ServerUrl const& url, std::string_view account) const {
    return std::ranges::any_of(attempts_, [&](Attempt const& each) {
        return each.origin.url == url && each.origin.account == account;
    });
}

void RouteDialler::dial(RouteOrigin origin, Duration delay) {
    if (!origin.url || is_dialling(*origin.url, origin.account)) {
        return;
    }
    origin.dialled = true;
    attempts_.emplace_back(context_.world, std::move(origin));
    wait(std::prev(attempts_.end()), delay);
}

void RouteDialler::give_up(std::function<bool(RouteOrigin const&)> const& gone) {
    std::erase_if(attempts_, [&](Attempt const& each) { return gone(each.origin); });
}

void RouteDialler::wait(Place attempt, Duration delay) {
    Instant const when = context_.world.clock().now() + delay;
    attempt->timer = context_.world.timers().call_at(when, [this, attempt] {
        attempt->timer = {};
        begin(attempt);
    });
}

void RouteDialler::begin(Place attempt) {
    if (!hooks_.is_wanted(attempt->origin)) {
        attempts_.erase(attempt);
        return;
    }
    config::ServerUrl const& url = *attempt->origin.url;
    LOG(context_.log, Debug, "Trying to connect to route on ", url.authority());
    ++attempt->origin.attempts;
    attempt->dial = context_.world.network().dial(
        url.host, static_cast<std::uint16_t>(url.port), kDialTimeout,
        [this, attempt](Result<std::unique_ptr<world::Link>> link) {
            if (!link.ok()) {
                failed(attempt, link.error());
                return;
            }
            RouteOrigin origin = std::move(attempt->origin);
            attempts_.erase(attempt);
            hooks_.reached(std::move(link).value(), std::move(origin));
        });
}

void RouteDialler::failed(Place attempt, Error const& error) {
    RouteOrigin const& origin = attempt->origin;
    std::string const text = concat("Error trying to connect to route (attempt ", origin.attempts,
                                    "): ", error.detail());
    if (is_worth_a_line(origin)) {
        LOG(context_.log, Error, text);
    } else {
        LOG(context_.log, Debug, text);
    }
    attempt->dial.reset();
    if (!origin.configured && origin.attempts > context_.cluster().connect_retries) {
        attempts_.erase(attempt);
        return;
    }
    wait(attempt, pause_after(origin));
}

Duration RouteDialler::pause_after(RouteOrigin const& origin) const {
    if (!context_.cluster().connect_backoff) {
        return kPause;
    }
    int const doublings = std::min(origin.attempts - 1, 5);
    return std::min(kPause * (std::int64_t{1} << doublings), kLongestPause);
}

/// The first failure, and then every so many.
bool RouteDialler::is_worth_a_line(RouteOrigin const& origin) const {
    std::int64_t const each =
        std::max<std::int64_t>(context_.options->limits.connect_error_reports, 1);
    return origin.attempts == 1 || origin.attempts % each == 0;
}

}  // namespace signalbox::cluster
