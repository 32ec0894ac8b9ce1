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

using CrcTables = std::array<std::array<std::uint32_t, 256>, 8>;

/// The first is that of single bytes; each other one is for a byte that one more follows.
constexpr CrcTables make_crc_tables() {
    constexpr std::uint32_t kPolynomial = 0x82f63b78;  // Reversed.
    CrcTables tables{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value & 1U) != 0 ? (value >> 1U) ^ kPolynomial : value >> 1U;
        }
        tables[0][i] = value;
    }
    for (std::size_t t = 1; t < tables.size(); ++t) {
        for (std::size_t i = 0; i < 256; ++i) {
            std::uint32_t const value = tables[t - 1][i];
            tables[t][i] = tables[0][value & 0xffU] ^ (value >> 8U);
        }
    }
    return tables;
}

constexpr CrcTables kCrcTables = make_crc_tables();

std::uint32_t byte_at(char const* at, std::size_t i) {
    return static_cast<unsigned char>(at[i]);
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
    char const* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= 8; left -= 8, at += 8) {
        std::uint32_t const first = crc ^ (byte_at(at, 0) | byte_at(at, 1) << 8U |
                                           byte_at(at, 2) << 16U | byte_at(at, 3) << 24U);
        crc = kCrcTables[7][first & 0xffU] ^ kCrcTables[6][(first >> 8U) & 0xffU] ^
              kCrcTables[5][(first >> 16U) & 0xffU] ^ kCrcTables[4][first >> 24U] ^
              kCrcTables[3][byte_at(at, 4)] ^ kCrcTables[2][byte_at(at, 5)] ^
              kCrcTables[1][byte_at(at, 6)] ^ kCrcTables[0][byte_at(at, 7)];
    }
    for (; left > 0; --left, ++at) {
        crc = kCrcTables[0][(crc ^ byte_at(at, 0)) & 0xffU] ^ (crc >> 8U);
    }
    return ~crc;
}

std::uint32_t masked(std::uint32_t crc) {
    return ((crc >> 15U) | (crc << 17U)) + kMaskDelta;
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
