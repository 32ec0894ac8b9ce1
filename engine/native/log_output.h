#pragma once

#include "engine/base/logger.h"
#include "engine/base/result.h"
#include "engine/base/time.h"

#include <string>

namespace signalbox::native {

/// One line on its way to a log.
struct LogLine {
    LogLevel level = LogLevel::Notice;
    WallTime time;
    std::string text;
};

/// How lines look in a file and on a terminal.
struct LineStyle {
    bool time = true;
    bool utc = false;
    bool colour = false;
};

/// Where lines end up. Used by the log's own thread alone, so that it may wait.
class LogOutput {
public:
    virtual ~LogOutput() = default;

    virtual void write(LogLine const& line) = 0;

    /// Begins anew a file that was moved away. Errors: Unavailable (it is no file), Io.
    virtual Result<void> reopen() = 0;
};

/// `[<pid>] 2026/05/04 18:53:41.000123 [INF] <text>` and a new line; without the time when the
/// style has none, and the label in its colour when it has that.
std::string formatted(LogLine const& line, LineStyle const& style, std::uint64_t pid);

}  // namespace signalbox::native
