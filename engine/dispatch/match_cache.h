#pragma once

#include "engine/message/subscription.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace signalbox::dispatch {

/// Everyone who wants the messages of one subject, and what else is resolved once for it.
struct Targets {
    std::vector<message::Subscription*>
        members;              ///< The plain ones, then one queue group after the other.
    std::uint32_t plain = 0;  ///< How many of them are plain.
    std::vector<std::uint32_t> group_ends;  ///< Where in `members` each group ends.
    /// Other servers that want all of them, each by one of its subscriptions.
    std::vector<message::Subscription*> servers;
    std::vector<std::string> group_names;  ///< Empty while all members of groups are here.
    std::uint32_t subject_id = 0;          ///< For observation; 0: not observed.
};

/// What was found for recent subjects of one account, so that most messages need no walk through
/// the index. An entry is valid while the generation it was filled at stands.
///
/// Sets of four entries by hash; a full set gives up an entry. The table doubles as subjects come,
/// and beyond a few megabytes only while it earns its memory by hits, so that subjects which never
/// come again, such as inboxes, do not fill it.
class MatchCache {
    static constexpr std::size_t kInlineKey = 24;

public:
    explicit MatchCache(std::uint64_t seed) : seed_(seed), sets_(kFirstSets) {}

    /// An entry's place, valid until the next call.
    struct Slot {
        std::uint64_t hash = 0;
        std::uint64_t generation = 0;  ///< Of the filling.
        std::unique_ptr<Targets> targets;
        std::unique_ptr<char[]> long_key;
        std::uint32_t generation_slot = 0;
        std::uint32_t key_length = 0;
        std::array<char, kInlineKey> key;

        std::string_view subject() const {
            return {long_key ? long_key.get() : key.data(), key_length};
        }
        bool used() const { return targets != nullptr; }
    };

    static constexpr std::size_t kWays = 4;
    using Set = std::array<Slot, kWays>;

    /// The entry for the subject, whether valid or not; null: there is none.
    Slot* find(std::string_view subject);

    /// A place for a subject that `find` did not find, with empty targets.
    Slot& make(std::string_view subject);

    void count_hit() { ++hits_; }
    void count_miss() { ++misses_; }
    std::uint64_t hits() const { return hits_; }
    std::uint64_t misses() const { return misses_; }
    std::size_t size() const { return size_; }

    /// Calls `visit` with the targets of each entry.
    template <class Visit>
    void for_each(Visit visit) const {
        for (Set const& set : sets_) {
            for (Slot const& slot : set) {
                if (slot.used()) {
                    visit(*slot.targets);
                }
            }
        }
    }

private:
    static constexpr std::size_t kFirstSets = 256;
    static constexpr std::size_t kFreeSets = 16 * 1'024;
    static constexpr std::size_t kMaxSets = 128 * 1'024;

    std::uint64_t hash(std::string_view subject) const;
    Set& set_of(std::uint64_t hash) { return sets_[hash & (sets_.size() - 1)]; }
    void grow();

    std::uint64_t seed_;
    std::vector<Set> sets_;
    std::size_t size_ = 0;
    std::uint64_t hits_ = 0;
    std::uint64_t misses_ = 0;
    std::uint64_t hits_at_growth_ = 0;
    std::uint64_t made_since_growth_ = 0;
    std::uint32_t victim_ = 0;
};

}  // namespace signalbox::dispatch
