#pragma once

#include "engine/base/result.h"

#include <functional>
#include <map>
#include <string>

namespace signalbox::config {

/// Where the text of a configuration comes from: this room opens no file itself.
class FileReader {
public:
    virtual ~FileReader() = default;

    /// The whole file. An error's detail reads `open <path>: <why>`. Errors: NotFound, Io,
    /// LimitExceeded.
    virtual Result<std::string> read(std::string const& path) = 0;
};

/// The environment that `$NAME` falls back to, passed in for the same reason.
using Environment = std::map<std::string, std::string, std::less<>>;

}  // namespace signalbox::config
