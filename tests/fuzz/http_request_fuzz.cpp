#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/protocol/http_request.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace signalbox::protocol {
namespace {

constexpr HttpLimits kLimits{.line_bytes = 256, .headers_bytes = 512, .fields = 8};

/// The requests in `bytes` as text, fed in pieces of `step` bytes.
std::string requests_of(std::string_view bytes, std::size_t step) {
    HttpRequestParser parser(kLimits);
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        parser.feed(bytes.substr(at, step));
        while (true) {
            auto next = parser.next();
            if (!next.ok()) {
                return concat(out, parser.refusal_status(), next.error().detail());
            }
            if (!next.value()) {
                break;
            }
            append(out, next.value()->method, ' ', next.value()->path, ' ',
                   next.value()->keep_alive, '\n');
            for (auto const& [name, value] : next.value()->query) {
                append(out, name, '=', value, '\n');
            }
            for (auto const& [name, value] : next.value()->fields) {
                append(out, name, ':', value, '\n');
            }
        }
        // What is waited for is less than one line.
        CHECK(parser.buffered() <= kLimits.headers_bytes + 2 + step);
    }
    return out;
}

}  // namespace
}  // namespace signalbox::protocol

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using signalbox::protocol::requests_of;
    std::string_view const bytes(reinterpret_cast<char const*>(data), size);
    std::string const whole = requests_of(bytes, size == 0 ? 1 : size);
    CHECK(requests_of(bytes, 1) == whole);
    CHECK(requests_of(bytes, 7) == whole);
    return 0;
}
