#pragma once

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

#include <cstdint>
#include <string>
#include <string_view>

/// Entries of a stream's log and its saved state, byte by byte: numbers in little endian, texts
/// behind their length. What is read back was written here, under a checksum of the journal.
namespace signalbox::jetstream {

inline void pack(std::string& out, std::uint64_t number) {
    for (int byte = 0; byte < 8; ++byte) {
        out.push_back(static_cast<char>(number >> (8 * byte)));
    }
}
inline void pack(std::string& out, WallTime time) {
    pack(out, static_cast<std::uint64_t>(time.since_epoch().count()));
}
inline void pack(std::string& out, std::string_view text) {
    pack(out, static_cast<std::uint64_t>(text.size()));
    out.append(text);
}

/// Takes apart what `pack` made. Past the end everything is zero and `sound` is false.
class Unpacking {
public:
    explicit Unpacking(Bytes bytes) : rest_(bytes) {}

    bool sound() const { return sound_; }
    bool at_end() const { return rest_.empty(); }
    Bytes rest() const { return rest_; }

    std::uint8_t byte() {
        Bytes const one = take(1);
        return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one[0]);
    }
    std::uint64_t number() {
        Bytes const eight = take(8);
        std::uint64_t value = 0;
        for (std::size_t at = eight.size(); at > 0; --at) {
            value = (value << 8) | static_cast<std::uint8_t>(eight[at - 1]);
        }
        return value;
    }
    WallTime time() { return WallTime(Duration(static_cast<std::int64_t>(number()))); }
    Bytes text() {
        std::uint64_t const size = number();
        return take(size);
    }

private:
    Bytes take(std::uint64_t size) {
        if (size > rest_.size()) {
            sound_ = false;
            rest_ = {};
            return {};
        }
        Bytes const taken = rest_.substr(0, static_cast<std::size_t>(size));
        rest_.remove_prefix(static_cast<std::size_t>(size));
        return taken;
    }

    Bytes rest_;
    bool sound_ = true;
};

}  // namespace signalbox::jetstream
