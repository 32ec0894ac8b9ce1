#pragma once

#include "engine/base/result.h"
#include "engine/config/command_line.h"

#include <string>
#include <vector>

namespace signalbox::headless {

/// The processes of one program, and what can be sent to them.
class Processes {
public:
    virtual ~Processes() = default;

    /// Their ids, this process left out. Errors: Unavailable (the system does not tell).
    virtual Result<std::vector<int>> running(std::string const& program) = 0;

    /// Errors: Io, with the system's words.
    virtual Result<void> send(int pid, int signal) = 0;

    /// The content of a pid file; nothing when there is no such file.
    virtual std::string read_pid_file(std::string const& path, bool& exists) = 0;
};

/// Those of this machine.
class LocalProcesses : public Processes {
public:
    Result<std::vector<int>> running(std::string const& program) override;
    Result<void> send(int pid, int signal) override;
    std::string read_pid_file(std::string const& path, bool& exists) override;
};

/// Does what `--signal` asks for: to the process of that id, the one whose id stands in that file,
/// all whose ids begin so (`12*`), or the only one there is.
///
/// Errors, in the reference's words: InvalidArgument, NotFound, Unavailable, Io.
Result<void> send_signal(config::SignalRequest const& request, std::string const& program,
                         Processes& processes);

}  // namespace signalbox::headless
