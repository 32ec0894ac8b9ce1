#pragma once

#include "engine/native/log_output.h"

#include <cstdint>
#include <memory>
#include <string>

namespace signalbox::native {

/// Standard error, in colours when that is a terminal.
class ConsoleLog : public LogOutput {
public:
    explicit ConsoleLog(LineStyle style);

    void write(LogLine const& line) override;
    Result<void> reopen() override;

private:
    LineStyle style_;
    std::uint64_t pid_;
};

/// How large a log file grows, and how many there are.
struct LogFileLimits {
    std::int64_t size = 0;     ///< Bytes before the file is set aside; 0: it grows.
    std::int64_t max_num = 0;  ///< Files in all, the current one included; 0: all are kept.
};

/// A file that lines are added to. At its limit it is renamed to `<file>.YYYY.MM.DD.hh.mm.ss.` and
/// nine digits, and a new one begun; the oldest of the renamed ones go when there are too many.
class FileLog : public LogOutput {
public:
    /// Errors: Io, `error opening file: …`.
    static Result<std::unique_ptr<FileLog>> open(std::string path, LineStyle style,
                                                 LogFileLimits limits);
    ~FileLog() override;

    FileLog(FileLog const&) = delete;
    FileLog& operator=(FileLog const&) = delete;

    void write(LogLine const& line) override;
    Result<void> reopen() override;

private:
    FileLog(std::string path, LineStyle style, LogFileLimits limits);

    Result<void> open_file();
    void append_line(LogLine const& line);
    void rotate(WallTime now);
    void purge(WallTime now);

    std::string path_;
    LineStyle style_;
    LogFileLimits limits_;
    std::uint64_t pid_;
    int fd_ = -1;
    std::int64_t size_ = 0;
    std::int64_t next_rotation_ = 0;  ///< Grows when a rename fails, so that not each line tries.
};

}  // namespace signalbox::native
