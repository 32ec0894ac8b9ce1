#include "engine/jetstream/error/api_error.h"

#include "engine/base/check.h"

#include <algorithm>
#include <iterator>

namespace signalbox::jetstream {
namespace {

struct Row {
    std::uint16_t err_code;
    std::uint16_t code;
    char const* text;
};

/// Ascending by error code.
constexpr Row kRows[] = {
#define SIGNALBOX_API_ERROR(name, code, err_code, text) {err_code, code, text},
#include "engine/jetstream/error/api_errors.def"
#undef SIGNALBOX_API_ERROR
};

/// Puts `filling` in place of the first `{…}` at or after `from`; answers where to go on.
std::size_t fill(std::string& text, std::string_view filling, std::size_t from) {
    std::size_t const begin = text.find('{', from);
    std::size_t const end = text.find('}', from);
    if (begin == std::string::npos || end == std::string::npos) {
        return from;
    }
    text.replace(begin, end - begin + 1, filling);
    return begin + filling.size();
}

}  // namespace

ApiError api_error(ApiErrc err_code, std::string_view filling, std::string_view second) {
    auto const number = static_cast<std::uint16_t>(err_code);
    Row const* const row =
        std::lower_bound(std::begin(kRows), std::end(kRows), number,
                         [](Row const& a, std::uint16_t b) { return a.err_code < b; });
    CHECK(row != std::end(kRows));
    ApiError error{.code = row->code, .err_code = err_code, .description = row->text};
    std::size_t const next = fill(error.description, filling, 0);
    fill(error.description, second, next);
    return error;
}

void ApiError::write(JsonWriter& json) const {
    json.begin_object()
        .field("code", code)
        .field("err_code", static_cast<std::uint16_t>(err_code))
        .field("description", description)
        .end_object();
}

}  // namespace signalbox::jetstream
