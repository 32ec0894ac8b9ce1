#pragma once

#include "engine/config/file_reader.h"

#include <string>

namespace signalbox::host {

/// This machine's files, for reading configurations. Waits for the disk: never on an engine's
/// thread.
class LocalFiles : public config::FileReader {
public:
    /// At most 16 MiB. Errors: NotFound, Io, LimitExceeded.
    Result<std::string> read(std::string const& path) override;
};

/// The environment of this process.
config::Environment environment();

}  // namespace signalbox::host
