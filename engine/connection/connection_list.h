#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace signalbox::connection {

class ClientConnection;

/// Connections in the order of their numbers, which only grow: side by side, so that a walk over
/// ten thousand of them touches no node of a tree.
class ConnectionList {
public:
    using ConnectionPtr = std::unique_ptr<ClientConnection>;

    struct Entry {
        std::uint64_t cid = 0;
        std::uint32_t slot = 0;    ///< Of its counters.
        ConnectionPtr connection;  ///< Null: taken out.
    };

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }

    /// `cid` is greater than any before.
    Entry& add(std::uint64_t cid, std::uint32_t slot) {
        ++size_;
        return entries_.emplace_back(Entry{.cid = cid, .slot = slot, .connection = nullptr});
    }

    /// Also one without a connection yet; null: there is none of that number.
    Entry* find(std::uint64_t cid) {
        auto const found = std::ranges::lower_bound(entries_, cid, {}, &Entry::cid);
        return found == entries_.end() || found->cid != cid || found->slot == kTaken ? nullptr
                                                                                     : &*found;
    }
    Entry const* find(std::uint64_t cid) const {
        return const_cast<ConnectionList*>(this)->find(cid);
    }

    /// Takes it out. Not during a walk.
    ConnectionPtr take(Entry& entry) {
        ConnectionPtr connection = std::move(entry.connection);
        entry.slot = kTaken;
        --size_;
        // Few enough moves for each one that goes.
        if (entries_.size() > kSmall && size_ < entries_.size() / 2) {
            std::erase_if(entries_, [](Entry const& each) { return each.slot == kTaken; });
        }
        return connection;
    }

    /// Calls `visit` with each connection, the oldest first, until it answers false. `visit` may
    /// close them, for that takes none out.
    template <class Visit>
    void walk(Visit visit) const {
        for (Entry const& entry : entries_) {
            if (entry.connection && !visit(*entry.connection)) {
                return;
            }
        }
    }

    /// Null: there is none.
    ClientConnection const* oldest() const {
        ClientConnection const* found = nullptr;
        walk([&](ClientConnection const& connection) {
            found = &connection;
            return false;
        });
        return found;
    }

    /// The newest first.
    template <class Visit>
    void walk_back(Visit visit) const {
        for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
            if (entry->connection && !visit(*entry->connection)) {
                return;
            }
        }
    }

private:
    static constexpr std::uint32_t kTaken = 0xffff'ffff;
    static constexpr std::size_t kSmall = 64;

    std::vector<Entry> entries_;
    std::size_t size_ = 0;
};

}  // namespace signalbox::connection
