#pragma once

#include "engine/observe/chunk_list.h"
#include "engine/observe/connection_counters.h"

#include <cstdint>
#include <vector>

namespace signalbox::observe {

/// The counters of every open connection of a server. A slot keeps its address; it is given to
/// another connection once it was released.
///
/// The engine's thread takes, writes and releases; any thread reads.
class ConnectionSlots {
public:
    static constexpr std::size_t kMaxSlots = std::size_t{1} << 20;

    ConnectionSlots() : slots_(kMaxSlots) {}

    /// A slot with all counters at zero, for the connection `cid`, which is not 0.
    std::uint32_t take(std::uint64_t cid);

    /// The slot becomes free. Its counters stand until it is taken again.
    void release(std::uint32_t slot);

    /// `slot` must have been taken once.
    ConnectionCounters& at(std::uint32_t slot) { return slots_[slot]; }

    /// The reader's side. Calls `visit(slot, counters)` for each slot in use.
    template <class Visit>
    void for_each(Visit visit) const {
        std::size_t const count = slots_.published();
        for (std::size_t i = 0; i < count; ++i) {
            ConnectionCounters const& counters = slots_[i];
            if (counters.cid.acquire() != 0) {
                visit(static_cast<std::uint32_t>(i), counters);
            }
        }
    }

    /// The reader's side: the counters of a slot, or none when no connection ever had it.
    ConnectionCounters const* find(std::uint32_t slot) const {
        return slot < slots_.published() ? &slots_[slot] : nullptr;
    }

private:
    static constexpr std::size_t kChunk = 256;

    ChunkList<ConnectionCounters, kChunk> slots_;
    std::vector<std::uint32_t> free_;
};

}  // namespace signalbox::observe
