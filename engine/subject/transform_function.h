#pragma once

#include "engine/base/result.h"
#include "engine/subject/transform.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::subject {

/// What stands in one token of a destination, before it is known what its wildcards are.
struct FunctionCall {
    Transform::Function function = Transform::Function::Literal;
    std::vector<std::int64_t>
        wildcards;  ///< From 1, as they were written; less is the first token.
    std::int64_t number = 0;
    std::string text;
};

/// Reads one token. Errors: InvalidArgument, with the reference's text.
Result<FunctionCall> read_function(std::string_view token);

/// Whether the token has the braces of a function.
bool looks_like_function(std::string_view token);

/// The reference's text for a destination that cannot be used; `token` may be empty.
Error mapping_error(std::string_view what, std::string_view token);

}  // namespace signalbox::subject
