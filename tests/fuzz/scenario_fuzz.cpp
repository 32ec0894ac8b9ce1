#include "engine/host/lab/scenario_parser.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

// Whatever the text, it is read or refused with a line; what is read is written as something that
// reads back as the same.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace signalbox::host::lab;
    std::string_view const text(reinterpret_cast<char const*>(data), size);
    auto const scenario = parse_scenario(text);
    if (!scenario.ok()) {
        if (!scenario.error().detail().starts_with("line ")) {
            std::abort();
        }
        return 0;
    }
    std::string const written = scenario_text(scenario.value());
    auto const again = parse_scenario(written);
    if (!again.ok() || !(again.value() == scenario.value())) {
        std::abort();
    }
    return 0;
}
