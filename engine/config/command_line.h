#pragma once

#include "engine/base/result.h"
#include "engine/config/file_reader.h"
#include "engine/config/options.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace signalbox::config {

/// What `--signal <command>[=<pid or pid-file>]` asks for.
struct SignalRequest {
    std::string command;
    std::string target;  ///< Empty: the only running server.
};

/// What the program says instead of running, and the code it ends with.
struct Answer {
    int code = 0;
    std::string out;  ///< For standard output.
    std::string err;  ///< For standard error.
};

/// Who is asked: what messages begin with, and what `-v` prints.
struct Program {
    std::string name;
    std::string version_line;
    std::string beside_flags = {};  ///< Of the help, after the flags; empty: nothing.

    /// The service. The line tells scripts that ask for a version the one that clients are told,
    /// and people what this is.
    static Program service();
};

struct Flag;

/// What the flags of TLS say together. Any of them turns it on, unless it is turned off by name.
struct TlsFlags {
    bool given = false;
    std::optional<bool> on;
    std::string cert_file;
    std::string key_file;
    std::string ca_file;
    bool verify = false;
};

/// What the command line asks for, checked.
class CommandLine {
public:
    /// A command line that names this file and nothing else.
    static CommandLine for_file(std::string config_file);

    std::string const& config_file() const { return config_file_; }
    bool test_only() const { return test_only_; }
    std::optional<SignalRequest> const& signal() const { return signal_; }

    /// Sets what was given; what was not stays. The files of TLS are read here.
    /// Errors: those of `load_tls_files`, and InvalidArgument when one is missing.
    Result<void> apply(Options& options, FileReader& files) const;

private:
    friend class CommandLineParser;

    Result<void> apply_tls(Options& options, FileReader& files) const;

    std::string config_file_;
    bool test_only_ = false;
    std::optional<SignalRequest> signal_;
    TlsFlags tls_;
    std::vector<std::pair<Flag const*, std::string>> given_;
};

/// Reads arguments as Go's `flag` does: one dash or two, `-f v` or `-f=v`, booleans only as `-b` or
/// `-b=false`, until the first that is no flag; the last of several wins.
std::variant<CommandLine, Answer> parse_command_line(Program const& program,
                                                     std::span<std::string const> arguments);

/// What `--help_tls` prints.
std::string tls_help_text();

/// What `--help` prints.
std::string usage_text(Program const& program);

}  // namespace signalbox::config
