#include "engine/host/lab/link_state.h"

#include <algorithm>

namespace signalbox::host::lab {

namespace {

LinkState::Pair sorted(std::size_t a, std::size_t b) {
    return {std::min(a, b), std::max(a, b)};
}

}  // namespace

LinkState::LinkState(Plan const& plan) : plan_(plan) {
    std::size_t const count = plan.servers().size();
    for (std::size_t a = 0; a < count; ++a) {
        for (std::size_t b = a + 1; b < count; ++b) {
            shape::LinkProfile const profile = plan.profile(a, b);
            if (!profile.plain()) {
                profiles_[{a, b}] = profile;
            }
        }
    }
}

/// From each of `a` to each of `b`, in that direction.
std::vector<LinkState::Pair> LinkState::pairs(Places const& a, Places const& b) const {
    std::vector<Pair> found;
    Result<std::vector<std::size_t>> const from = plan_.expand(a);
    Result<std::vector<std::size_t>> const to = plan_.expand(b);
    if (!from.ok() || !to.ok()) {
        return found;
    }
    for (std::size_t const one : from.value()) {
        for (std::size_t const other : to.value()) {
            if (one != other) {
                found.emplace_back(one, other);
            }
        }
    }
    return found;
}

std::vector<LinkState::Pair> LinkState::apply(Cut const& cut) {
    std::set<Pair> touched;
    for (Pair const& pair : pairs(cut.a, cut.b)) {
        blocked_.insert(pair);
        if (!cut.one_way) {
            blocked_.emplace(pair.second, pair.first);
        }
        touched.insert(sorted(pair.first, pair.second));
    }
    return {touched.begin(), touched.end()};
}

std::vector<LinkState::Pair> LinkState::apply(Heal const& heal) {
    std::set<Pair> touched;
    std::vector<Pair> const all(blocked_.begin(), blocked_.end());
    for (Pair const& pair : heal.a.empty() ? all : pairs(heal.a, heal.b)) {
        bool const one = blocked_.erase(pair) > 0;
        bool const other = blocked_.erase({pair.second, pair.first}) > 0;
        if (one || other) {
            touched.insert(sorted(pair.first, pair.second));
        }
    }
    return {touched.begin(), touched.end()};
}

std::vector<LinkState::Pair> LinkState::apply(ChangeLink const& change) {
    std::set<Pair> touched;
    for (Pair const& pair : pairs({change.link.a}, {change.link.b})) {
        Pair const both = sorted(pair.first, pair.second);
        if (change.link.profile.plain()) {
            profiles_.erase(both);
        } else {
            profiles_[both] = change.link.profile;
        }
        touched.insert(both);
    }
    return {touched.begin(), touched.end()};
}

shape::LinkProfile LinkState::profile(std::size_t a, std::size_t b) const {
    auto const found = profiles_.find(sorted(a, b));
    return found == profiles_.end() ? shape::LinkProfile() : found->second;
}

Duration LinkState::longest() const {
    Duration most{0};
    for (auto const& [pair, profile] : profiles_) {
        most = std::max(most, profile.latency + profile.jitter);
    }
    return most;
}

std::vector<LinkState::Pair> LinkState::shaped() const {
    std::set<Pair> found;
    for (auto const& [pair, profile] : profiles_) {
        found.insert(pair);
    }
    for (Pair const& pair : blocked_) {
        found.insert(sorted(pair.first, pair.second));
    }
    return {found.begin(), found.end()};
}

}  // namespace signalbox::host::lab
