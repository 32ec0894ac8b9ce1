#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/protocol/http_response_parser.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

/// What becomes of `bytes`, fed in pieces of `step`.
std::string outcome(signalbox::Bytes bytes, std::size_t step) {
    signalbox::protocol::HttpResponseParser parser(4096);
    for (std::size_t at = 0; at < bytes.size() + step; at += step) {
        if (at < bytes.size()) {
            parser.feed(bytes.substr(at, step));
        } else {
            parser.finish();
        }
        auto next = parser.next();
        if (!next.ok()) {
            return "refused";
        }
        if (next.value()) {
            CHECK(next.value()->body.size() <= 4096);
            return signalbox::concat(next.value()->status, next.value()->body);
        }
    }
    return "more";
}

}  // namespace

/// However the bytes are cut, the answer is the same.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    signalbox::Bytes const bytes(reinterpret_cast<char const*>(data), size);
    std::string const whole = outcome(bytes, size + 1);
    CHECK(outcome(bytes, 1) == whole);
    CHECK(outcome(bytes, 7) == whole);
    return 0;
}
