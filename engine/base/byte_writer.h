#pragma once

#include "engine/base/bytes.h"

#include <concepts>
#include <cstdint>
#include <string>

namespace signalbox::base {

/// Appends numbers and runs of bytes, little endian, as `ByteReader` takes them.
class ByteWriter {
public:
    explicit ByteWriter(std::string& out) : out_(out) {}

    template <std::unsigned_integral T>
    void put(T value) {
        char bytes[sizeof(T)];
        store(bytes, value);
        out_.append(bytes, sizeof(T));
    }

    /// Seven bits a byte, the low ones first.
    void put_varint(std::uint64_t value) {
        while (value >= 0x80) {
            out_.push_back(static_cast<char>(value | 0x80));
            value >>= 7;
        }
        out_.push_back(static_cast<char>(value));
    }

    void put_bytes(Bytes bytes) { out_.append(bytes); }

    /// Their number before them.
    void put_block(Bytes bytes) {
        put_varint(bytes.size());
        out_.append(bytes);
    }

    std::size_t size() const { return out_.size(); }

    template <std::unsigned_integral T>
    static void store(char* at, T value) {
        for (std::size_t i = 0; i < sizeof(T); ++i) {
            at[i] = static_cast<char>(value >> (8 * i));
        }
    }

private:
    std::string& out_;
};

/// Small numbers of either sign as small ones without.
constexpr std::uint64_t zigzag(std::int64_t value) {
    return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t from_zigzag(std::uint64_t value) {
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

}  // namespace signalbox::base
