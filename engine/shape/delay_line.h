#pragma once

#include "engine/base/bytes.h"
#include "engine/shape/link_profile.h"
#include "engine/world/entropy.h"

#include <cstddef>
#include <deque>
#include <string>

namespace signalbox::shape {

/// One direction of a byte stream: what was put on and has not been taken off, with the time at
/// which each piece arrives. Nothing overtakes.
class DelayLine {
public:
    void put(Bytes bytes, Instant now, LinkProfile const& profile, world::Entropy& chance);

    /// When something that takes the whole way and no room, such as an end, arrives if it leaves
    /// now: after all that is on the line.
    Instant arrival(Instant now, LinkProfile const& profile) const;

    bool empty() const { return pieces_.empty(); }
    std::size_t size() const { return size_; }
    void clear();

    /// The earliest piece, while it is not empty.
    Instant due() const { return pieces_.front().due; }
    Bytes front() const { return Bytes(pieces_.front().bytes).substr(pieces_.front().taken); }
    void take(std::size_t bytes);

private:
    struct Piece {
        Instant due;
        std::string bytes;
        std::size_t taken = 0;
    };

    std::deque<Piece> pieces_;
    std::size_t size_ = 0;
    Instant line_free_;
    Instant last_due_;
};

}  // namespace signalbox::shape
