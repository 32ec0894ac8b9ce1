#include "engine/native/log_file.h"

#include "engine/base/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

namespace signalbox::native {

namespace {

constexpr mode_t kMode = 0640;

/// All of it, or as much as the system takes: a log has nobody to tell that it cannot be written.
std::size_t write_all(int fd, std::string_view text) {
    std::size_t done = 0;
    while (done < text.size()) {
        ssize_t const n = ::write(fd, text.data() + done, text.size() - done);
        if (n > 0) {
            done += static_cast<std::size_t>(n);
        } else if (n == 0 || errno != EINTR) {
            break;
        }
    }
    return done;
}

LogLine notice(WallTime time, std::string text) {
    return {.level = LogLevel::Notice, .time = time, .text = std::move(text)};
}

/// `.YYYY.MM.DD.hh.mm.ss.nnnnnnnnn` in local time, which sorts by age within a zone's summer.
std::string backup_suffix(WallTime time) {
    LogLine const line{.level = LogLevel::Notice, .time = time, .text = ""};
    // The line's own form of the time, up to the microseconds, with dots between its parts.
    std::string text = formatted(line, {.time = true, .utc = false, .colour = false}, 0).substr(4);
    text.resize(19);
    std::ranges::replace_if(
        text, [](char c) { return c < '0' || c > '9'; }, '.');
    std::string const nanoseconds =
        std::to_string(1'000'000'000 + time.since_epoch().count() % 1'000'000'000);
    return concat(".", text, ".", std::string_view(nanoseconds).substr(1));
}

bool is_backup_suffix(std::string_view suffix) {
    constexpr std::string_view kShape = ".0000.00.00.00.00.00.000000000";
    if (suffix.size() != kShape.size()) {
        return false;
    }
    for (std::size_t i = 0; i < kShape.size(); ++i) {
        bool const digit = suffix[i] >= '0' && suffix[i] <= '9';
        if (kShape[i] == '0' ? !digit : suffix[i] != kShape[i]) {
            return false;
        }
    }
    return true;
}

/// The renamed files of a log, oldest first.
std::vector<std::string> backups_of(std::string const& path) {
    std::size_t const slash = path.rfind('/');
    std::string const folder = slash == std::string::npos ? "./" : path.substr(0, slash + 1);
    std::string const name = slash == std::string::npos ? path : path.substr(slash + 1);
    std::vector<std::string> found;
    DIR* const dir = ::opendir(folder.c_str());
    if (dir == nullptr) {
        return found;
    }
    while (dirent const* const entry = ::readdir(dir)) {
        std::string_view const file(entry->d_name);
        if (file.starts_with(name) && is_backup_suffix(file.substr(name.size()))) {
            found.push_back(concat(path, file.substr(name.size())));
        }
    }
    ::closedir(dir);
    std::ranges::sort(found);
    return found;
}

}  // namespace

ConsoleLog::ConsoleLog(LineStyle style)
    : style_(style), pid_(static_cast<std::uint64_t>(::getpid())) {
    struct stat status {};
    style_.colour = ::fstat(STDERR_FILENO, &status) == 0 && S_ISCHR(status.st_mode);
}

void ConsoleLog::write(LogLine const& line) {
    write_all(STDERR_FILENO, formatted(line, style_, pid_));
}

Result<void> ConsoleLog::reopen() {
    return Error(Errc::Unavailable, "not a file logger");
}

FileLog::FileLog(std::string path, LineStyle style, LogFileLimits limits)
    : path_(std::move(path)),
      style_(style),
      limits_(limits),
      pid_(static_cast<std::uint64_t>(::getpid())),
      next_rotation_(limits.size) {}

FileLog::~FileLog() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

Result<std::unique_ptr<FileLog>> FileLog::open(std::string path, LineStyle style,
                                               LogFileLimits limits) {
    std::unique_ptr<FileLog> log(new FileLog(std::move(path), style, limits));
    TRY(log->open_file());
    return log;
}

Result<void> FileLog::open_file() {
    int const fd = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kMode);
    if (fd < 0) {
        return Error(Errc::Io,
                     concat("error opening file: open ", path_, ": ", std::strerror(errno)));
    }
    if (fd_ >= 0) {
        ::close(fd_);
    }
    fd_ = fd;
    struct stat status {};
    size_ = ::fstat(fd_, &status) == 0 ? status.st_size : 0;
    return {};
}

void FileLog::append_line(LogLine const& line) {
    size_ += static_cast<std::int64_t>(write_all(fd_, formatted(line, style_, pid_)));
}

void FileLog::write(LogLine const& line) {
    append_line(line);
    if (limits_.size > 0 && size_ > next_rotation_) {
        rotate(line.time);
    }
}

void FileLog::rotate(WallTime now) {
    std::string const backup = path_ + backup_suffix(now);
    if (::rename(path_.c_str(), backup.c_str()) != 0) {
        next_rotation_ = size_ + limits_.size;
        append_line({.level = LogLevel::Error,
                     .time = now,
                     .text = concat("unable to rotate the log: ", std::strerror(errno))});
        return;
    }
    next_rotation_ = limits_.size;
    Result<void> const opened = open_file();
    if (!opened.ok()) {
        // The renamed file stays open and takes what follows.
        next_rotation_ = size_ + limits_.size;
        append_line({.level = LogLevel::Error, .time = now, .text = opened.error().detail()});
        return;
    }
    append_line(notice(now, concat("Rotated log, backup saved as ", base::quoted(backup))));
    if (limits_.max_num > 0) {
        purge(now);
    }
}

void FileLog::purge(WallTime now) {
    std::vector<std::string> const backups = backups_of(path_);
    auto const kept = static_cast<std::size_t>(limits_.max_num - 1);
    for (std::size_t i = 0; i + kept < backups.size(); ++i) {
        if (::unlink(backups[i].c_str()) == 0) {
            append_line(notice(now, concat("Purged log file ", base::quoted(backups[i]))));
        } else {
            append_line({.level = LogLevel::Error,
                         .time = now,
                         .text = concat("unable to purge log file ", base::quoted(backups[i]), ": ",
                                        std::strerror(errno))});
        }
    }
}

Result<void> FileLog::reopen() {
    return open_file();
}

}  // namespace signalbox::native
