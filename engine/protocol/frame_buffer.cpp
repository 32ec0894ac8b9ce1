#include "engine/protocol/frame_buffer.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace signalbox::protocol {

void FrameBuffer::append(Bytes more) {
    // Nothing may be nowhere, and copying from nowhere is not allowed even then.
    if (more.empty()) {
        return;
    }
    if (size_ + more.size() > capacity_) {
        reserve(std::max(size_ + more.size(), capacity_ * 2));
    }
    std::memcpy(data_.get() + size_, more.data(), more.size());
    size_ += more.size();
}

void FrameBuffer::reserve(std::size_t total) {
    if (total <= capacity_) {
        return;
    }
    auto wider = std::make_unique_for_overwrite<char[]>(total);
    if (size_ > 0) {
        std::memcpy(wider.get(), data_.get(), size_);
    }
    data_ = std::move(wider);
    capacity_ = total;
}

void FrameBuffer::clear() {
    size_ = 0;
    if (capacity_ > kKeptPartial) {
        data_.reset();
        capacity_ = 0;
    }
}

}  // namespace signalbox::protocol
