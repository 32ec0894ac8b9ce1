#include "engine/compress/s2_stream.h"

#include "engine/compress/snappy_frames.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace signalbox::compress {
namespace {

constexpr std::string_view kIdentifier{"\xff\x06\x00\x00S2sTwO", 10};
constexpr std::size_t kChunkHeader = 4;
constexpr std::size_t kChecksum = 4;
constexpr unsigned char kCompressed = 0x00;
constexpr unsigned char kUncompressed = 0x01;
constexpr unsigned char kIdentifierChunk = 0xff;
constexpr unsigned char kFirstSkippable = 0x80;
/// A chunk that is skipped may be of any size, and is not kept; others are no larger.
constexpr std::size_t kLargestChunk = kLargestS2Block + kLargestS2Block / 6 + 64;
/// What a small message is not compressed for: it would hardly get smaller.
constexpr std::size_t kWorthCompressing = 64;

void append_little_endian(std::string& out, std::size_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) {
        out += static_cast<char>((value >> (8 * i)) & 0xffU);
    }
}

std::uint32_t little_endian(Bytes bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = bytes.size(); i > 0; --i) {
        value = (value << 8U) | static_cast<unsigned char>(bytes[i - 1]);
    }
    return value;
}

void append_chunk(std::string& out, Bytes bytes, S2Level level) {
    std::string block;
    if (level != S2Level::Uncompressed && bytes.size() >= kWorthCompressing) {
        append_s2_block(block, bytes, level);
    }
    bool const pays = !block.empty() && block.size() < bytes.size() - bytes.size() / 16;
    Bytes const content = pays ? Bytes(block) : bytes;
    out += static_cast<char>(pays ? kCompressed : kUncompressed);
    append_little_endian(out, content.size() + kChecksum, 3);
    append_little_endian(out, masked(crc32c(bytes)), kChecksum);
    out += content;
}

}  // namespace

void append_s2_stream(std::string& out, Bytes bytes, S2Level level) {
    out += kIdentifier;
    while (!bytes.empty()) {
        Bytes const piece = bytes.substr(0, kS2Block);
        append_chunk(out, piece, level);
        bytes.remove_prefix(piece.size());
    }
}

Result<Bytes> S2Reader::next() {
    out_.clear();
    if (failed_) {
        return Error(Errc::Malformed, "damaged stream");
    }
    while (out_.empty()) {
        Result<bool> const taken = take_chunk();
        if (!taken.ok()) {
            failed_ = true;
            return taken.error();
        }
        if (!taken.value()) {
            in_.erase(0, used_);
            used_ = 0;
            return Bytes();
        }
    }
    return Bytes(out_);
}

/// False: it is not all there.
Result<bool> S2Reader::take_chunk() {
    Bytes const left = Bytes(in_).substr(used_);
    if (left.size() < kChunkHeader) {
        return false;
    }
    auto const type = static_cast<unsigned char>(left.front());
    std::size_t const size = little_endian(left.substr(1, 3));
    if (size > kLargestChunk) {
        return Error(Errc::Malformed, "chunk too large");
    }
    if (left.size() < kChunkHeader + size) {
        return false;
    }
    used_ += kChunkHeader + size;
    TRY(open_chunk(type, left.substr(kChunkHeader, size)));
    return true;
}

Result<void> S2Reader::open_chunk(unsigned char type, Bytes body) {
    if (type == kIdentifierChunk) {
        identified_ = body == "S2sTwO" || body == "sNaPpY";
        return identified_ ? Result<void>() : Error(Errc::Malformed, "another kind of stream");
    }
    if (!identified_) {
        return Error(Errc::Malformed, "stream without identifier");
    }
    if (type == kCompressed || type == kUncompressed) {
        return take_content(type, body);
    }
    if (type < kFirstSkippable) {
        return Error(Errc::Malformed, "chunk of unknown type");
    }
    return {};
}

Result<void> S2Reader::take_content(unsigned char type, Bytes body) {
    if (body.size() < kChecksum) {
        return Error(Errc::Malformed, "chunk without checksum");
    }
    std::uint32_t const checksum = little_endian(body.substr(0, kChecksum));
    body.remove_prefix(kChecksum);
    std::size_t const size =
        type == kUncompressed ? body.size() : s2_block_size(body).value_or(kLargestChunk);
    if (size > kLargestS2Block) {
        return Error(Errc::Malformed, "block too large");
    }
    if (size > budget_) {
        return Error(Errc::LimitExceeded, "too much in a compressed stream");
    }
    budget_ -= size;
    if (type == kUncompressed) {
        out_.append(body);
    } else if (!read_s2_block(out_, body)) {
        return Error(Errc::Malformed, "damaged block");
    }
    if (masked(crc32c(out_)) != checksum) {
        return Error(Errc::Malformed, "checksum does not hold");
    }
    return {};
}

}  // namespace signalbox::compress
