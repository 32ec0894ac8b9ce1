#pragma once

#include "engine/base/result.h"
#include "engine/config/command_line.h"
#include "engine/config/file_reader.h"
#include "engine/config/options.h"
#include "engine/config/parser.h"

#include <string>
#include <vector>

namespace signalbox::config {

struct Loaded {
    Options options;
    std::vector<std::string> warnings;  ///< Each names its place; the options stand all the same.
};

/// The options a parsed file asks for, with the contents of the files it names, and defaults
/// elsewhere. Errors: InvalidArgument, whose detail
/// has a line for each problem of the file, warnings included.
Result<Loaded> read_options(Document const& document, std::string const& path, FileReader& files);

/// The options of the file that the command line names, if any, and of the command line, which
/// wins; checked as a whole. Both at start and at each reload.
///
/// Errors: those of `parse_file`, `read_options` and `validate`.
Result<Loaded> load(CommandLine const& command_line, FileReader& files,
                    Environment const& variables);

}  // namespace signalbox::config
