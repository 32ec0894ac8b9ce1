#pragma once

#include "engine/base/result.h"
#include "engine/config/file_reader.h"
#include "engine/config/value.h"

#include <string>
#include <string_view>

namespace signalbox::config {

/// A whole configuration, its includes merged and its variables resolved.
struct Document {
    Value::Map root;
    std::string digest;  ///< `digest_of(root)`.
};

/// Reads the file at `path` and what it includes, at most ten files deep.
///
/// Errors: Malformed and LimitExceeded with the reference's words, and those of `files`.
Result<Document> parse_file(std::string const& path, FileReader& files,
                            Environment const& variables);

/// Parses `text` as if it stood in a file called `name`. Errors: as `parse_file`.
Result<Document> parse_text(std::string_view text, std::string const& name, FileReader& files,
                            Environment const& variables);

}  // namespace signalbox::config
