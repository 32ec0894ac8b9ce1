// What the tests of globals and symbols must let pass: a table, a pure function, a text.

#include <array>
#include <string>
#include <string_view>

namespace signalbox::sample {

constexpr std::array<std::string_view, 2> kNames = {"one", "two"};

std::string name(unsigned n) {
    static constexpr std::array kMore = {3, 4};
    return std::string(kNames[n % 2]) + std::to_string(kMore[n % 2]);
}

}  // namespace signalbox::sample
