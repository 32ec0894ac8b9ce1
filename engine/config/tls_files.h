#pragma once

#include "engine/base/result.h"
#include "engine/config/file_reader.h"
#include "engine/config/tls_options.h"

namespace signalbox::config {

/// Reads the files that a block names into it, so that whoever uses it waits for no disk.
///
/// Errors: InvalidArgument, in the reference's words, for the first file that is not there or not
/// what it should be, as far as that can be seen without the ciphers themselves.
Result<void> load_tls_files(TlsOptions& tls, FileReader& files);

}  // namespace signalbox::config
