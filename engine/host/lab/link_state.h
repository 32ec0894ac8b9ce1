#pragma once

#include "engine/host/lab/plan.h"

#include <map>
#include <set>
#include <utility>
#include <vector>

namespace signalbox::host::lab {

/// What the ways between the servers of a plan are like at the moment. Knows no network: who has
/// one brings it up to date.
class LinkState {
public:
    explicit LinkState(Plan const& plan);

    /// Two servers, the one that stands first in the plan first.
    using Pair = std::pair<std::size_t, std::size_t>;

    /// Answer the pairs whose way may be another one now. The actions were checked.
    std::vector<Pair> apply(Cut const& cut);
    std::vector<Pair> apply(Heal const& heal);
    std::vector<Pair> apply(ChangeLink const& change);

    /// Nothing of the first arrives at the second.
    bool blocked(std::size_t from, std::size_t to) const { return blocked_.contains({from, to}); }
    bool any_blocked() const { return !blocked_.empty(); }
    shape::LinkProfile profile(std::size_t a, std::size_t b) const;
    /// The longest that anything takes over any one way.
    Duration longest() const;

    /// Every pair that is not as a network is by itself.
    std::vector<Pair> shaped() const;

private:
    std::vector<Pair> pairs(Places const& a, Places const& b) const;

    Plan const& plan_;
    std::map<Pair, shape::LinkProfile> profiles_;  ///< Of those that are not plain.
    std::set<Pair> blocked_;                       ///< From the first to the second.
};

}  // namespace signalbox::host::lab
