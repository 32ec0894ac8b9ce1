#pragma once

#include "engine/base/check.h"
#include "engine/base/counter.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace signalbox::observe {

/// Values that one thread appends and any may read, at addresses that never change. Nothing is
/// removed. What the writer changes in a value after `publish` must be a `Counter`.
template <class T, std::size_t ChunkSize>
class ChunkList {
public:
    /// Room for `capacity` values, rounded up to whole chunks; memory is taken chunk by chunk.
    explicit ChunkList(std::size_t capacity) : chunks_((capacity + ChunkSize - 1) / ChunkSize) {}

    /// The writer's side. There must be room. Readers see the value once it is published.
    T& append() {
        CHECK(!full());
        std::unique_ptr<T[]>& chunk = chunks_[size_ / ChunkSize];
        if (!chunk) {
            chunk = std::make_unique<T[]>(ChunkSize);
        }
        return chunk[size_++ % ChunkSize];
    }
    void publish() { published_.release(size_); }
    std::size_t size() const { return size_; }
    bool full() const { return size_ == chunks_.size() * ChunkSize; }

    /// The reader's side: how many values may be looked at.
    std::size_t published() const { return published_.acquire(); }

    /// The reader's side, for long walks: the values from `index` to the end of its chunk, of which
    /// those below `published` may be looked at.
    T const* run_at(std::size_t index) const {
        return &chunks_[index / ChunkSize][index % ChunkSize];
    }
    static constexpr std::size_t run_length(std::size_t index) {
        return ChunkSize - index % ChunkSize;
    }

    /// `index` must be below `size`, or below what `published` answered to a reader.
    T& operator[](std::size_t index) { return chunks_[index / ChunkSize][index % ChunkSize]; }
    T const& operator[](std::size_t index) const {
        return chunks_[index / ChunkSize][index % ChunkSize];
    }

private:
    std::vector<std::unique_ptr<T[]>> chunks_;
    std::size_t size_ = 0;
    Counter published_;
};

}  // namespace signalbox::observe
