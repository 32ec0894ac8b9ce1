#pragma once

#include "engine/base/json_reader.h"
#include "engine/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::monitor {

/// Reads the options of a document from the body of a request, a JSON object. An option that is
/// absent or null has its default, and so has one of another type, which `check` tells of.
class RequestFields {
public:
    /// An empty text is an object without members. Errors: Malformed, LimitExceeded.
    static Result<RequestFields> parse(std::string_view text);

    std::string text(std::string_view name);
    bool boolean(std::string_view name);
    std::int64_t integer(std::string_view name);
    std::uint64_t natural(std::string_view name);
    std::vector<std::string> texts(std::string_view name);

    /// Errors: InvalidArgument (an option that was asked for is of another type).
    Result<void> check() const;

private:
    explicit RequestFields(Json body) : body_(std::move(body)) {}

    Json const* find(std::string_view name) const;
    void complain(Json const& met, std::string_view name, std::string_view wanted);

    Json body_;
    std::string complaint_;
};

}  // namespace signalbox::monitor
