#include "engine/transport/outbox.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace signalbox::transport {

BlockPool::Block BlockPool::take() {
    if (free_.empty()) {
        return std::make_unique_for_overwrite<char[]>(kBlockSize);
    }
    Block block = std::move(free_.back());
    free_.pop_back();
    return block;
}

void BlockPool::give(Block block) {
    if (free_.size() < kKeptFree) {
        free_.push_back(std::move(block));
    }
}

void Outbox::append(Bytes bytes) {
    while (!bytes.empty()) {
        if (room_ == 0) {
            add_block();
        }
        std::size_t const n = std::min(bytes.size(), room_);
        std::memcpy(extend(n), bytes.data(), n);
        bytes.remove_prefix(n);
    }
}

void Outbox::append(SharedBytes const& bytes) {
    if (bytes->empty()) {
        return;
    }
    // What follows starts a block of its own, for the shared run stands between.
    chunks_.push_back({.block = nullptr, .shared = bytes, .begin = 0, .end = bytes->size()});
    pending_ += bytes->size();
    write_at_ = nullptr;
    room_ = 0;
}

std::size_t Outbox::front(std::span<Bytes> pieces) const {
    std::size_t count = 0;
    for (std::size_t i = first_; i < chunks_.size() && count < pieces.size(); ++i) {
        Chunk const& chunk = chunks_[i];
        if (chunk.end > chunk.begin) {
            pieces[count++] = {chunk.data() + chunk.begin, chunk.end - chunk.begin};
        }
    }
    return count;
}

void Outbox::consume(std::size_t n) {
    pending_ -= n;
    if (pending_ == 0) {
        clear();
        return;
    }
    while (n > 0) {
        Chunk& chunk = chunks_[first_];
        std::size_t const taken = std::min(n, chunk.end - chunk.begin);
        chunk.begin += taken;
        n -= taken;
        if (chunk.begin == chunk.end) {
            drop_front();
        }
    }
}

void Outbox::clear() {
    for (std::size_t i = first_; i < chunks_.size(); ++i) {
        if (chunks_[i].block) {
            pool_->give(std::move(chunks_[i].block));
        }
    }
    chunks_.clear();
    first_ = 0;
    pending_ = 0;
    write_at_ = nullptr;
    room_ = 0;
}

void Outbox::add_block() {
    // Sent chunks at the front are forgotten when they are the larger part.
    if (first_ > 16 && first_ * 2 > chunks_.size()) {
        chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }
    chunks_.push_back({.block = pool_->take(), .shared = nullptr, .begin = 0, .end = 0});
    write_at_ = chunks_.back().block.get();
    room_ = kBlockSize;
}

void Outbox::drop_front() {
    Chunk& chunk = chunks_[first_];
    bool const is_last = first_ + 1 == chunks_.size();
    if (is_last) {
        // The block is still being written to; a fresh one costs no more than keeping it.
        write_at_ = nullptr;
        room_ = 0;
    }
    if (chunk.block) {
        pool_->give(std::move(chunk.block));
    }
    chunk = Chunk{};
    ++first_;
}

}  // namespace signalbox::transport
