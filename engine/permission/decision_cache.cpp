#include "engine/permission/decision_cache.h"

#include "engine/base/hash.h"

#include <algorithm>

namespace signalbox::permission {

DecisionCache::Place& DecisionCache::look_up(std::string_view subject, std::string_view queue) {
    if (sets_ == nullptr) {
        sets_ = std::make_unique<std::array<Set, kSets>>();
    }
    std::uint64_t const hash = base::hash_of(subject, queue.empty() ? 0 : base::hash_of(queue, 1));
    Set& set = (*sets_)[hash % kSets];
    for (Place& place : set) {
        if (place.hash == hash && place.is_of(subject, queue)) {
            last_ = &place;
            return place;
        }
    }
    auto free =
        std::ranges::find_if(set, [](Place const& place) { return place.known == Known::No; });
    if (free == set.end()) {
        free = set.begin() + (victim_++ % kWays);
    }
    Place& place = *free;
    place.hash = hash;
    place.known = Known::No;
    place.subject.assign(subject);
    place.queue.assign(queue);
    last_ = &place;
    return place;
}

}  // namespace signalbox::permission
