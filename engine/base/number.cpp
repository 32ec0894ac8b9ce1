#include "engine/base/number.h"

#include <charconv>
#include <system_error>

namespace signalbox::base {
namespace {

template <class T>
std::optional<T> parse_whole(std::string_view text) {
    T value{};
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

std::optional<std::int64_t> parse_int(std::string_view text) {
    return parse_whole<std::int64_t>(text);
}

std::optional<std::uint64_t> parse_uint(std::string_view text) {
    return parse_whole<std::uint64_t>(text);
}

std::optional<double> parse_double(std::string_view text) {
    bool const plain = text.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
    return plain ? parse_whole<double>(text) : std::nullopt;
}

char* write_decimal(char* out, std::uint64_t value) {
    return std::to_chars(out, out + 20, value).ptr;
}

std::string shortest(double value) {
    char text[32];
    auto const end = std::to_chars(text, text + sizeof text, value).ptr;
    return {text, end};
}

}  // namespace signalbox::base
