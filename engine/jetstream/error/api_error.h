#pragma once

#include "engine/base/json_writer.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox::jetstream {

/// The errors of the JetStream API by name; the value is the `err_code` clients match on.
enum class ApiErrc : std::uint16_t {
#define SIGNALBOX_API_ERROR(name, code, err_code, text) name = err_code,
#include "engine/jetstream/error/api_errors.def"
#undef SIGNALBOX_API_ERROR
};

/// Why a request of the JetStream API is refused, as its answer says it.
struct ApiError {
    std::uint16_t code = 0;  ///< As HTTP would have it: 400, 404, 500, 503…
    ApiErrc err_code{};
    std::string description;

    /// Writes the object that stands behind `"error"`.
    void write(JsonWriter& json) const;
};

/// The error as its table has it, with `filling` in place of the first `{…}` of its text, and
/// `second` of the next.
ApiError api_error(ApiErrc err_code, std::string_view filling = {}, std::string_view second = {});

}  // namespace signalbox::jetstream
