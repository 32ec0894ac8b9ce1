#include "engine/shape/delay_line.h"

#include <algorithm>

namespace signalbox::shape {

namespace {

/// With a bound on bandwidth, a large send comes in pieces, as it would over a slow line.
constexpr std::size_t kLargestPiece = 1400;

}  // namespace

void DelayLine::put(Bytes bytes, Instant now, LinkProfile const& profile, world::Entropy& chance) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        std::size_t size = bytes.size() - at;
        line_free_ = std::max(line_free_, now);
        if (profile.bytes_per_second > 0) {
            size = std::min(size, kLargestPiece);
            line_free_ = line_free_ + Duration(static_cast<std::int64_t>(size * 1'000'000'000U /
                                                                         profile.bytes_per_second));
        }
        Duration wait = profile.latency;
        if (profile.jitter.count() > 0) {
            // In microseconds, for the bound of a draw has 32 bits.
            auto const bound = static_cast<std::uint64_t>(profile.jitter.count() / 1000) + 1;
            wait += base::microseconds(chance.below(bound));
        }
        last_due_ = std::max(last_due_, line_free_ + wait);
        pieces_.push_back({last_due_, std::string(bytes.substr(at, size)), 0});
        size_ += size;
        at += size;
    }
}

Instant DelayLine::arrival(Instant now, LinkProfile const& profile) const {
    return std::max(last_due_, now + profile.latency);
}

void DelayLine::clear() {
    pieces_.clear();
    size_ = 0;
}

void DelayLine::take(std::size_t bytes) {
    Piece& piece = pieces_.front();
    piece.taken += bytes;
    size_ -= bytes;
    if (piece.taken == piece.bytes.size()) {
        pieces_.pop_front();
    }
}

}  // namespace signalbox::shape
