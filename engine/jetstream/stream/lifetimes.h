#pragma once

#include "engine/jetstream/stream/packing.h"
#include "engine/jetstream/stream/publish_headers.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace signalbox::jetstream {

/// The messages of a stream that have a lifetime of their own, and when it ends.
class Lifetimes {
public:
    void add(std::uint64_t sequence, Lifetime lifetime, WallTime stored_at);
    void forget(std::uint64_t sequence);
    void forget_before(std::uint64_t first);
    void clear();

    /// Lives on whatever the stream's age limit says.
    bool is_forever(std::uint64_t sequence) const;
    bool any_forever() const { return forever_.size() > 0; }

    /// The first to end; nothing: none will.
    std::optional<std::pair<WallTime, std::uint64_t>> next() const;

    void save(std::string& out) const;
    Result<void> restore(Unpacking& in);

private:
    std::map<std::uint64_t, WallTime> ends_;
    std::set<std::pair<WallTime, std::uint64_t>> by_end_;
    std::set<std::uint64_t> forever_;
};

}  // namespace signalbox::jetstream
