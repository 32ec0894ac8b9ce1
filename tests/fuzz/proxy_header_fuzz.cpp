#include "engine/base/check.h"
#include "engine/protocol/proxy_header.h"

#include <cstddef>
#include <cstdint>

/// What was decided on some bytes stays, whatever follows them.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using signalbox::protocol::ProxyHeader;
    signalbox::Bytes const bytes(reinterpret_cast<char const*>(data), size);
    ProxyHeader const whole = signalbox::protocol::read_proxy_header(bytes);
    for (std::size_t n = 0; n <= size && n < 200; ++n) {
        ProxyHeader const part = signalbox::protocol::read_proxy_header(bytes.substr(0, n));
        if (part.kind != ProxyHeader::Kind::Incomplete) {
            CHECK(part.kind == whole.kind);
            CHECK(part.size == whole.size);
            CHECK(part.source == whole.source);
        }
    }
    CHECK(whole.size <= size);
    return 0;
}
