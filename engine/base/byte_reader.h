#pragma once

#include "engine/base/byte_writer.h"
#include "engine/base/bytes.h"
#include "engine/base/result.h"

#include <concepts>
#include <cstdint>

namespace signalbox::base {

/// Takes numbers and runs of bytes, little endian, from foreign bytes. All errors are Corrupt: the
/// bytes end too early.
class ByteReader {
public:
    explicit ByteReader(Bytes bytes) : left_(bytes) {}

    template <std::unsigned_integral T>
    Result<T> take() {
        if (left_.size() < sizeof(T)) {
            return too_short();
        }
        T const value = load<T>(left_.data());
        left_.remove_prefix(sizeof(T));
        return value;
    }

    Result<std::uint64_t> take_varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += 7) {
            std::uint64_t const byte = static_cast<unsigned char>(left_.front());
            left_.remove_prefix(1);
            value |= (byte & 0x7f) << shift;
            if (byte < 0x80) {
                return value;
            }
        }
        return too_short();
    }

    Result<Bytes> take_bytes(std::uint64_t size) {
        if (size > left_.size()) {
            return too_short();
        }
        Bytes const taken = left_.substr(0, static_cast<std::size_t>(size));
        left_.remove_prefix(taken.size());
        return taken;
    }

    /// What `ByteWriter::put_block` wrote.
    Result<Bytes> take_block() { return take_bytes(TRY(take_varint())); }

    bool done() const { return left_.empty(); }
    Bytes left() const { return left_; }

    template <std::unsigned_integral T>
    static T load(char const* at) {
        T value = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i) {
            value = static_cast<T>(value |
                                   (static_cast<T>(static_cast<unsigned char>(at[i])) << (8 * i)));
        }
        return value;
    }

private:
    static Error too_short() { return {Errc::Corrupt, "the bytes end too early"}; }

    Bytes left_;
};

}  // namespace signalbox::base

namespace signalbox {
using base::ByteReader;
using base::ByteWriter;
}  // namespace signalbox
