#include "engine/base/check.h"
#include "engine/protocol/server_parser.h"

#include <cstddef>
#include <cstdint>

namespace {

/// Counts the operations in `bytes`, fed in pieces of `step`; how they end is part of the count.
std::size_t operations(signalbox::Bytes bytes, std::size_t step) {
    signalbox::protocol::ServerParser parser({.max_line = 4096, .max_frame = 65'536});
    std::size_t count = 0;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        parser.feed(bytes.substr(at, step));
        for (;;) {
            auto const next = parser.next();
            if (!next.ok()) {
                return count + 1'000'000;
            }
            if (!next.value()) {
                break;
            }
            ++count;
        }
    }
    return count;
}

}  // namespace

/// However the bytes are cut, the parser finds the same in them.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    signalbox::Bytes const bytes(reinterpret_cast<char const*>(data), size);
    std::size_t const whole = operations(bytes, size + 1);
    CHECK(operations(bytes, 1) == whole);
    CHECK(operations(bytes, 7) == whole);
    return 0;
}
