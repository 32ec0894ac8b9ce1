#pragma once

#include "engine/config/options.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace signalbox::config {

enum class FlagType {
    Boolean,
    Integer,
    Text
};

/// What a flag does beside setting an option.
enum class FlagAction {
    Set,
    ConfigFile,
    Test,
    Signal,
    Help,
    Version,
    TlsHelp,
    Tls,  ///< All of these are settled together, once the file is read.
    Absent
};

/// One flag of the command line, under all its names.
struct Flag {
    using Apply = void (*)(Options&, std::string const& value);

    std::string_view names;  ///< With blanks between.
    FlagType type = FlagType::Text;
    FlagAction action = FlagAction::Set;
    std::string_view group;  ///< The heading it has in the help.
    std::string_view argument;
    std::string_view about;
    Apply apply = nullptr;
    std::string_view part;  ///< What it belongs to, of flags whose part is not built.
};

/// All flags, in the order of the help.
std::span<Flag const> flags();

/// The flag of that name; null when there is none. Case matters: `-d` is not `-D`.
Flag const* find_flag(std::string_view name);

/// What a flag's value means. The parser has checked that it is of the flag's type.
bool boolean_value(std::string_view value);
std::int64_t integer_value(std::string_view value);

}  // namespace signalbox::config
