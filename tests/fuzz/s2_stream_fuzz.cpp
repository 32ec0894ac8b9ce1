#include "engine/base/check.h"
#include "engine/compress/s2_stream.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

using signalbox::Bytes;
using namespace signalbox::compress;

constexpr std::size_t kBudget = 1024 * 1024;

/// What comes out of it, up to the first damage.
std::string read(Bytes bytes, std::size_t step) {
    S2Reader reader(kBudget);
    std::string out;
    while (!bytes.empty()) {
        std::size_t const n = bytes.size() < step ? bytes.size() : step;
        reader.feed(bytes.substr(0, n));
        bytes.remove_prefix(n);
        for (;;) {
            auto const found = reader.next();
            if (!found.ok()) {
                CHECK(!reader.next().ok());
                return out;
            }
            if (found.value().empty()) {
                break;
            }
            out += found.value();
            CHECK(out.size() <= kBudget);
        }
    }
    return out;
}

}  // namespace

/// Damaged streams are told and cost no more than their budget; what is written is read again.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    Bytes const bytes(reinterpret_cast<char const*>(data) + 1, size - 1);
    std::string const whole = read(bytes, size);
    CHECK(read(bytes, 1 + data[0] / 4) == whole);
    std::string stream;
    append_s2_stream(stream, bytes, static_cast<S2Level>(data[0] % 4));
    CHECK(read(stream, 7) == bytes);
    return 0;
}
