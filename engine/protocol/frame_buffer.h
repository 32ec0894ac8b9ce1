#pragma once

#include "engine/base/bytes.h"

#include <cstddef>
#include <memory>
#include <span>

namespace signalbox::protocol {

/// Memory for a partial frame above this is given back once the frame is done.
inline constexpr std::size_t kKeptPartial = 4 * 1024;

/// Bytes that are gathered into one run, without clearing what is about to be written.
class FrameBuffer {
public:
    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }
    Bytes bytes() const { return {data_.get(), size_}; }

    void append(Bytes more);
    /// Room for exactly `total` bytes, so that a large frame is one allocation.
    void reserve(std::size_t total);
    std::span<char> room() { return {data_.get() + size_, capacity_ - size_}; }
    void grow_by(std::size_t n) { size_ += n; }
    /// Forgets the content, and large memory with it.
    void clear();

private:
    std::unique_ptr<char[]> data_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace signalbox::protocol
