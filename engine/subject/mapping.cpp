#include "engine/subject/mapping.h"

#include "engine/base/text.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace signalbox::subject {
namespace {

constexpr int kAll = 100;

Error refuse(std::string detail) {
    return {Errc::InvalidArgument, std::move(detail)};
}

Result<void> check_weights(std::span<MappingTarget const> targets) {
    std::set<std::string_view> seen;
    std::map<std::string_view, int> totals;
    for (MappingTarget const& target : targets) {
        if (!seen.insert(target.subject).second) {
            return refuse(concat("duplicate entry for ", base::quoted(target.subject)));
        }
        if (target.weight > kAll) {
            return refuse("individual weights need to be <= 100");
        }
        if ((totals[target.cluster] += target.weight) > kAll) {
            return refuse("total weight needs to be <= 100");
        }
    }
    return {};
}

}  // namespace

Result<Mapping> Mapping::create(std::string_view source, std::span<MappingTarget const> targets,
                                std::string_view cluster) {
    TRY(check_weights(targets));
    Mapping made;
    made.source_ = source;
    bool const of_cluster =
        !cluster.empty() &&
        std::ranges::any_of(targets, [&](MappingTarget const& t) { return t.cluster == cluster; });
    std::string_view const scope = of_cluster ? cluster : std::string_view();
    int total = 0;
    bool wants_loss = false;
    for (MappingTarget const& target : targets) {
        // Those of other clusters must be right as well.
        Transform transform = TRY(Transform::create(source, target.subject, TransformUse::Mapping));
        wants_loss = wants_loss || target.subject == source;
        if (target.cluster == scope) {
            made.ways_.push_back({.transform = std::move(transform), .below = target.weight});
            total += target.weight;
        }
    }
    if (total < kAll && !wants_loss) {
        made.ways_.push_back({.transform = TRY(Transform::create(
                                  source, with_numbered_wildcards(source), TransformUse::Stream)),
                              .below = kAll - total});
    }
    std::ranges::stable_sort(made.ways_, {}, &Way::below);
    int below = 0;
    for (Way& way : made.ways_) {
        below += way.below;
        way.below = below;
    }
    return made;
}

Mapping::Way const* Mapping::way_of(int number) const {
    auto const found =
        std::ranges::find_if(ways_, [&](Way const& way) { return number < way.below; });
    return found == ways_.end() ? nullptr : &*found;
}

}  // namespace signalbox::subject
