#include "engine/compress/s2_block.h"

#include <snappy.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace signalbox::compress {
namespace {

constexpr std::size_t kShortestMatch = 4;
constexpr std::size_t kLongestCopy = 64;
constexpr unsigned kHashBits = 15;
/// The last bytes of a block are not searched: a match needs four, and reads eight.
constexpr std::size_t kTail = 8;

std::uint32_t read32(char const* at) {
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return value;
}

void append_number(std::string& out, std::size_t value) {
    while (value >= 0x80) {
        out += static_cast<char>((value & 0x7fU) | 0x80U);
        value >>= 7U;
    }
    out += static_cast<char>(value);
}

void append_literal(std::string& out, Bytes literal) {
    if (literal.empty()) {
        return;
    }
    std::size_t const n = literal.size() - 1;
    if (n < 60) {
        out += static_cast<char>(n << 2U);
    } else {
        std::size_t const width = n < 0x100 ? 1 : n < 0x10000 ? 2 : 3;
        out += static_cast<char>((59 + width) << 2U);
        for (std::size_t i = 0; i < width; ++i) {
            out += static_cast<char>((n >> (8 * i)) & 0xffU);
        }
    }
    out += literal;
}

/// In pieces of which none is shorter than four bytes.
void append_copy(std::string& out, std::size_t offset, std::size_t length) {
    while (length > 0) {
        std::size_t const left_over = length > kLongestCopy ? length - kLongestCopy : 0;
        std::size_t piece = std::min(length, kLongestCopy);
        if (left_over > 0 && left_over < kShortestMatch) {
            piece = kLongestCopy - kShortestMatch;
        }
        bool const far = offset >= 0x10000;
        out += static_cast<char>(((piece - 1) << 2U) | (far ? 3U : 2U));
        for (unsigned i = 0; i < (far ? 4U : 2U); ++i) {
            out += static_cast<char>((offset >> (8 * i)) & 0xffU);
        }
        length -= piece;
    }
}

/// Finds earlier places that begin as the one at hand: of each hash the last one, and from each
/// place the one before it with the same hash.
class Matcher {
public:
    Matcher(Bytes bytes, unsigned depth)
        : bytes_(bytes), depth_(depth), last_(1U << kHashBits, kNone), before_(bytes.size()) {}

    struct Match {
        std::size_t from = 0;
        std::size_t length = 0;
    };

    void insert(std::size_t at) {
        std::uint32_t& last = last_[hash(at)];
        before_[at] = last;
        last = static_cast<std::uint32_t>(at);
    }

    /// The longest of those that are looked at; length 0: none.
    Match find(std::size_t at) const {
        Match best;
        std::uint32_t from = last_[hash(at)];
        for (unsigned i = 0; i < depth_ && from != kNone; ++i) {
            std::size_t const length = common(from, at);
            if (length >= kShortestMatch && length > best.length) {
                best = {from, length};
            }
            from = before_[from];
        }
        return best;
    }

private:
    static constexpr std::uint32_t kNone = 0xffffffffU;

    std::size_t hash(std::size_t at) const {
        return (read32(bytes_.data() + at) * 0x9e3779b1U) >> (32 - kHashBits);
    }
    std::size_t common(std::size_t from, std::size_t at) const {
        std::size_t n = 0;
        while (at + n < bytes_.size() && bytes_[from + n] == bytes_[at + n]) {
            ++n;
        }
        return n;
    }

    Bytes bytes_;
    unsigned depth_;
    std::vector<std::uint32_t> last_;
    std::vector<std::uint32_t> before_;
};

void append_searched(std::string& out, Bytes bytes, unsigned depth) {
    append_number(out, bytes.size());
    Matcher matcher(bytes, depth);
    std::size_t const end = bytes.size() > kTail ? bytes.size() - kTail : 0;
    std::size_t literal_from = 0;
    std::size_t at = 0;
    while (at < end) {
        Matcher::Match match = matcher.find(at);
        matcher.insert(at);
        if (match.length == 0) {
            ++at;
            continue;
        }
        // One byte later there may be a longer one.
        if (at + 1 < end) {
            Matcher::Match const later = matcher.find(at + 1);
            if (later.length > match.length + 1) {
                ++at;
                matcher.insert(at);
                match = later;
            }
        }
        append_literal(out, bytes.substr(literal_from, at - literal_from));
        append_copy(out, at - match.from, match.length);
        std::size_t const after = at + match.length;
        for (++at; at < std::min(after, end); ++at) {
            matcher.insert(at);
        }
        at = after;
        literal_from = after;
    }
    append_literal(out, bytes.substr(literal_from));
}

/// Reads the parts of a block one by one.
class BlockReader {
public:
    BlockReader(std::string& out, Bytes in, std::size_t size)
        : out_(out), in_(in), begin_(out.size()), end_(out.size() + size) {}

    bool read() {
        while (!in_.empty()) {
            auto const tag = static_cast<unsigned char>(in_.front());
            in_.remove_prefix(1);
            if (!((tag & 3U) == 0 ? literal(tag) : copy(tag))) {
                return false;
            }
        }
        return out_.size() == end_;
    }

private:
    bool take(std::size_t bytes, std::size_t& number) {
        if (in_.size() < bytes) {
            return false;
        }
        number = 0;
        for (std::size_t i = 0; i < bytes; ++i) {
            number |= static_cast<std::size_t>(static_cast<unsigned char>(in_[i])) << (8 * i);
        }
        in_.remove_prefix(bytes);
        return true;
    }

    bool literal(unsigned char tag) {
        std::size_t length = tag >> 2U;
        if (length >= 60 && !take(length - 59, length)) {
            return false;
        }
        ++length;
        if (length > in_.size() || length > end_ - out_.size()) {
            return false;
        }
        out_.append(in_.substr(0, length));
        in_.remove_prefix(length);
        return true;
    }

    bool copy(unsigned char tag) {
        std::size_t length = tag >> 2U;
        std::size_t offset = 0;
        if ((tag & 3U) == 1) {
            if (!take(1, offset)) {
                return false;
            }
            offset |= static_cast<std::size_t>(tag & 0xe0U) << 3U;
            length &= 7U;
            if (offset == 0) {
                return repeat(length);
            }
            length += 4;
        } else {
            if (!take((tag & 3U) == 2 ? 2 : 4, offset)) {
                return false;
            }
            ++length;
        }
        offset_ = offset;
        return append(length);
    }

    /// What S2 has beyond Snappy: the offset of before, and longer lengths.
    bool repeat(std::size_t length) {
        if (length < 5) {
            return append(length + 4);
        }
        std::size_t const width = length - 4;
        constexpr std::array<std::size_t, 4> kBase = {0, 4, 1U << 8U, 1U << 16U};
        std::size_t more = 0;
        return take(width, more) && append(more + kBase.at(width) + 4);
    }

    bool append(std::size_t length) {
        if (offset_ == 0 || offset_ > out_.size() - begin_ || length > end_ - out_.size()) {
            return false;
        }
        std::size_t from = out_.size() - offset_;
        // Where it overlaps itself, what was just written is copied again.
        while (length > 0) {
            std::size_t const n = std::min(length, out_.size() - from);
            out_.append(out_, from, n);
            from += n;
            length -= n;
        }
        return true;
    }

    std::string& out_;
    Bytes in_;
    std::size_t begin_;
    std::size_t end_;
    std::size_t offset_ = 0;
};

/// The size at the beginning of a block, which is taken off it.
std::optional<std::size_t> take_size(Bytes& block) {
    std::size_t size = 0;
    for (unsigned shift = 0; shift < 35 && !block.empty(); shift += 7) {
        auto const byte = static_cast<unsigned char>(block.front());
        block.remove_prefix(1);
        size |= static_cast<std::size_t>(byte & 0x7fU) << shift;
        if ((byte & 0x80U) == 0) {
            return size;
        }
    }
    return std::nullopt;
}

}  // namespace

void append_s2_block(std::string& out, Bytes bytes, S2Level level) {
    constexpr unsigned kBetterDepth = 4;
    constexpr unsigned kBestDepth = 32;
    switch (level) {
        case S2Level::Uncompressed:
        case S2Level::Fast: {
            std::string block;
            snappy::Compress(bytes.data(), bytes.size(), &block);
            out += block;
            return;
        }
        case S2Level::Better:
            append_searched(out, bytes, kBetterDepth);
            return;
        case S2Level::Best:
            append_searched(out, bytes, kBestDepth);
            return;
    }
}

std::optional<std::size_t> s2_block_size(Bytes block) {
    return take_size(block);
}

bool read_s2_block(std::string& out, Bytes block) {
    auto const size = take_size(block);
    if (!size || *size > kLargestS2Block) {
        return false;
    }
    out.reserve(out.size() + *size);
    return BlockReader(out, block, *size).read();
}

}  // namespace signalbox::compress
