#include "engine/config/load.h"

#include "engine/base/text.h"
#include "engine/config/schema.h"
#include "engine/config/validate.h"

#include <utility>

namespace signalbox::config {

Result<Loaded> read_options(Document const& document, std::string const& path) {
    Loaded loaded;
    Problems problems;
    Target target{.options = loaded.options, .problems = problems};
    if (document.root.empty()) {
        problems.warnings.push_back(concat(path, ": config has no values or is empty"));
    }
    read_block(Block::Top, document.root, target);
    if (!problems.errors.empty()) {
        std::vector<std::string> lines = std::move(problems.warnings);
        lines.insert(lines.end(), problems.errors.begin(), problems.errors.end());
        return Error(Errc::InvalidArgument, base::join(lines, "\n"));
    }
    loaded.options.files.config_file = path;
    loaded.options.files.config_digest = document.digest;
    loaded.warnings = std::move(problems.warnings);
    return loaded;
}

Result<Loaded> load(CommandLine const& command_line, FileReader& files,
                    Environment const& variables) {
    Loaded loaded;
    if (!command_line.config_file().empty()) {
        Document const document = TRY(parse_file(command_line.config_file(), files, variables));
        loaded = TRY(read_options(document, command_line.config_file()));
    }
    command_line.apply(loaded.options);
    TRY(validate(loaded.options));
    return loaded;
}

}  // namespace signalbox::config
