#include "engine/dispatch/match_cache.h"

#include "engine/base/hash.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace signalbox::dispatch {

MatchCache::Slot* MatchCache::find(std::string_view subject) {
    std::uint64_t const wanted = hash(subject);
    for (Slot& slot : set_of(wanted)) {
        if (slot.hash == wanted && slot.used() && slot.subject() == subject) {
            return &slot;
        }
    }
    return nullptr;
}

MatchCache::Slot& MatchCache::make(std::string_view subject) {
    ++made_since_growth_;
    if (made_since_growth_ > sets_.size() * 2 && sets_.size() < kMaxSets) {
        grow();
    }
    std::uint64_t const wanted = hash(subject);
    Set& set = set_of(wanted);
    auto free = std::ranges::find_if(set, [](Slot const& slot) { return !slot.used(); });
    if (free == set.end()) {
        free = set.begin() + (victim_++ % kWays);
    } else {
        free->targets = std::make_unique<Targets>();
        ++size_;
    }
    Slot& slot = *free;
    slot.hash = wanted;
    slot.key_length = static_cast<std::uint32_t>(subject.size());
    if (subject.size() > kInlineKey) {
        slot.long_key = std::make_unique_for_overwrite<char[]>(subject.size());
        std::memcpy(slot.long_key.get(), subject.data(), subject.size());
    } else {
        slot.long_key.reset();
        std::memcpy(slot.key.data(), subject.data(), subject.size());
    }
    return slot;
}

std::uint64_t MatchCache::hash(std::string_view subject) const {
    return base::hash_of(subject, seed_);
}

void MatchCache::grow() {
    // Entries that were made and not found again are not worth much more memory.
    bool const earned =
        sets_.size() < kFreeSets || hits_ - hits_at_growth_ >= made_since_growth_ / 4;
    made_since_growth_ = 0;
    hits_at_growth_ = hits_;
    if (!earned) {
        return;
    }
    std::vector<Set> before = std::exchange(sets_, std::vector<Set>(sets_.size() * 2));
    for (Set& set : before) {
        for (Slot& slot : set) {
            if (!slot.used()) {
                continue;
            }
            Set& to = set_of(slot.hash);
            // Twice the sets: each has room for all that one of the old ones held.
            auto const place = std::ranges::find_if(to, [](Slot const& s) { return !s.used(); });
            *place = std::move(slot);
        }
    }
}

}  // namespace signalbox::dispatch
