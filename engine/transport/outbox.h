#pragma once

#include "engine/base/bytes.h"

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace signalbox::transport {

inline constexpr std::size_t kBlockSize = 32 * 1024;

/// Memory for what waits to be sent, in blocks that all connections of an engine share. Keeps some
/// free ones, so that a busy connection allocates nothing.
class BlockPool {
public:
    using Block = std::unique_ptr<char[]>;

    Block take();
    void give(Block block);

private:
    static constexpr std::size_t kKeptFree = 256;

    std::vector<Block> free_;
};

/// A payload that several outboxes send without a copy each.
using SharedBytes = std::shared_ptr<std::string const>;

/// What one connection has still to send, in order. An idle one holds no block.
class Outbox {
public:
    explicit Outbox(BlockPool& pool) : pool_(&pool) {}
    ~Outbox() { clear(); }

    Outbox(Outbox const&) = delete;
    Outbox& operator=(Outbox const&) = delete;

    std::size_t pending() const { return pending_; }

    /// Room for `n` bytes in one run, `n` at most a block, to be written before anything else is
    /// called; they count as appended.
    char* extend(std::size_t n) {
        if (n > room_) {
            add_block();
        }
        char* const at = write_at_;
        write_at_ += n;
        room_ -= n;
        pending_ += n;
        chunks_.back().end += n;
        return at;
    }

    void append(Bytes bytes);
    void append(SharedBytes const& bytes);

    /// Up to as many runs as fit, from the oldest; answers how many. They last until the next call.
    std::size_t front(std::span<Bytes> pieces) const;

    /// The first `n` bytes were sent.
    void consume(std::size_t n);

    void clear();

private:
    struct Chunk {
        BlockPool::Block block;  ///< Or none, when the bytes are shared.
        SharedBytes shared;
        std::size_t begin = 0;
        std::size_t end = 0;

        char const* data() const { return block ? block.get() : shared->data(); }
    };

    void add_block();
    void drop_front();

    BlockPool* pool_;
    std::vector<Chunk> chunks_;
    std::size_t first_ = 0;  ///< Chunks before it were sent.
    char* write_at_ = nullptr;
    std::size_t room_ = 0;  ///< Left in the last chunk's block.
    std::size_t pending_ = 0;
};

}  // namespace signalbox::transport
