#pragma once

#include "engine/world/turn.h"

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>

namespace signalbox::store {

/// The blocks of all streams of a server that were read or written last. What was found in it stays
/// until the turn ends, whatever is put in meanwhile.
class BlockCache {
public:
    struct Key {
        std::uint64_t stream = 0;
        std::uint64_t segment = 0;
        std::uint32_t block = 0;

        friend auto operator<=>(Key const&, Key const&) = default;
    };
    using Block = std::shared_ptr<std::string const>;

    BlockCache(world::Turn& turn, std::uint64_t limit) : turn_(turn), limit_(limit) {}

    BlockCache(BlockCache const&) = delete;
    BlockCache& operator=(BlockCache const&) = delete;

    /// Nothing when it is not there.
    std::string const* find(Key const& key);
    void put(Key const& key, Block block);
    void forget(Key const& key);
    void forget_segment(std::uint64_t stream, std::uint64_t segment);

    std::uint64_t bytes() const { return bytes_; }

private:
    struct Entry {
        Key key;
        Block block;
    };

    void plan_trim();
    void trim();

    world::Turn& turn_;
    std::uint64_t const limit_;
    std::list<Entry> entries_;  ///< The most recently used first.
    std::map<Key, std::list<Entry>::iterator> by_key_;
    std::uint64_t bytes_ = 0;
    bool trim_planned_ = false;
    std::shared_ptr<char const> life_ = std::make_shared<char const>('\0');
};

}  // namespace signalbox::store
