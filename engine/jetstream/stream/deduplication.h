#pragma once

#include "engine/base/hash.h"
#include "engine/base/time.h"
#include "engine/jetstream/stream/packing.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace signalbox::jetstream {

/// Which message ids a stream has seen within its window, by the times of its log.
class Deduplication {
public:
    /// The sequence that was stored under the id; nothing: it is new.
    std::optional<std::uint64_t> find(std::string_view id) const;

    /// It is new.
    void remember(std::string_view id, std::uint64_t sequence, WallTime now);

    /// Those that were remembered before `time`.
    void forget_before(WallTime time);
    void clear();

    std::size_t size() const { return by_id_.size(); }

    void save(std::string& out) const;
    Result<void> restore(Unpacking& in);

private:
    struct Seen {
        std::string id;
        WallTime time;
    };
    std::deque<Seen> in_order_;
    std::unordered_map<std::string, std::uint64_t, base::TextHash, std::equal_to<>> by_id_;
};

}  // namespace signalbox::jetstream
