#pragma once

#include "engine/base/bytes.h"

#include <cstdint>
#include <string>
#include <string_view>

/// Numbers of the consumers' log entries and saved state: seven bits a byte, the lowest first, for
/// most of them are small.
namespace signalbox::jetstream {

inline void append_varint(std::string& out, std::uint64_t number) {
    while (number >= 0x80) {
        out.push_back(static_cast<char>(number | 0x80));
        number >>= 7;
    }
    out.push_back(static_cast<char>(number));
}

inline void append_text(std::string& out, std::string_view text) {
    append_varint(out, text.size());
    out.append(text);
}

/// Takes apart what was appended. Past the end everything is zero and `sound` is false.
class VarintReader {
public:
    explicit VarintReader(Bytes bytes) : rest_(bytes) {}

    bool sound() const { return sound_; }
    bool at_end() const { return rest_.empty(); }
    Bytes rest() const { return rest_; }

    std::uint64_t number() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
            auto const byte = static_cast<std::uint8_t>(rest_.front());
            rest_.remove_prefix(1);
            value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if ((byte & 0x80) == 0) {
                return value;
            }
        }
        sound_ = false;
        rest_ = {};
        return 0;
    }

    /// A view into what is read.
    std::string_view text() {
        std::uint64_t const size = number();
        if (size > rest_.size()) {
            sound_ = false;
            rest_ = {};
            return {};
        }
        std::string_view const taken = rest_.substr(0, static_cast<std::size_t>(size));
        rest_.remove_prefix(static_cast<std::size_t>(size));
        return taken;
    }

private:
    Bytes rest_;
    bool sound_ = true;
};

}  // namespace signalbox::jetstream
