#include "engine/compress/snappy_frames.h"

#include <snappy.h>

#include <array>
#include <utility>

namespace signalbox::compress {
namespace {

constexpr std::string_view kStreamIdentifier{"\xff\x06\x00\x00sNaPpY", 10};
constexpr std::size_t kFrameBytes = 65'536;
constexpr char kCompressed = '\x00';
constexpr char kUncompressed = '\x01';
constexpr std::size_t kChecksumBytes = 4;
constexpr std::uint32_t kMaskDelta = 0xa282ead8;

constexpr std::array<std::uint32_t, 256> make_crc_table() {
    constexpr std::uint32_t kPolynomial = 0x82f63b78;  // Reversed.
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value & 1U) != 0 ? (value >> 1U) ^ kPolynomial : value >> 1U;
        }
        table[i] = value;
    }
    return table;
}

constexpr std::array<std::uint32_t, 256> kCrcTable = make_crc_table();

/// Checksums of data that holds checksums are turned and shifted, so that they stay good ones.
std::uint32_t masked(std::uint32_t crc) {
    return ((crc >> 15U) | (crc << 17U)) + kMaskDelta;
}

void append_little_endian(std::string& out, std::uint32_t value, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) {
        out += static_cast<char>(value & 0xffU);
        value >>= 8U;
    }
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
    std::uint32_t crc = 0xffffffff;
    for (char const c : bytes) {
        crc = kCrcTable[(crc ^ static_cast<unsigned char>(c)) & 0xffU] ^ (crc >> 8U);
    }
    return ~crc;
}

SnappyFrames::SnappyFrames() : out_(kStreamIdentifier) {}

void SnappyFrames::add(std::string_view bytes) {
    while (pending_.size() + bytes.size() >= kFrameBytes) {
        std::size_t const fits = kFrameBytes - pending_.size();
        pending_ += bytes.substr(0, fits);
        bytes.remove_prefix(fits);
        write_frame(std::exchange(pending_, {}));
    }
    pending_ += bytes;
}

std::string SnappyFrames::finish() {
    if (!pending_.empty()) {
        write_frame(std::exchange(pending_, {}));
    }
    return std::move(out_);
}

void SnappyFrames::write_frame(std::string_view bytes) {
    std::string compressed;
    snappy::Compress(bytes.data(), bytes.size(), &compressed);
    // Less than an eighth saved is not worth the reader's time.
    bool const pays = compressed.size() < bytes.size() - bytes.size() / 8;
    std::string_view const content = pays ? std::string_view(compressed) : bytes;
    out_ += pays ? kCompressed : kUncompressed;
    append_little_endian(out_, static_cast<std::uint32_t>(content.size() + kChecksumBytes), 3);
    append_little_endian(out_, masked(crc32c(bytes)), kChecksumBytes);
    out_ += content;
}

}  // namespace signalbox::compress
