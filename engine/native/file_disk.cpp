#include "engine/native/file_disk.h"

#include "engine/base/text.h"
#include "engine/native/descriptor.h"
#include "engine/native/file_ranges.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

namespace signalbox::native {
namespace {

Error failed(std::string_view what, std::string const& path, int error, Errc code = Errc::Io) {
    return {code, concat(what, " ", path, ": ", std::strerror(error))};
}

Result<void> write_all(int fd, std::string const& path, std::string_view content) {
    while (!content.empty()) {
        ssize_t const n = ::write(fd, content.data(), content.size());
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return failed("cannot write", path, errno);
        }
        content.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
}

Result<void> write_to(std::string const& path, std::string const& content, int flags,
                      unsigned mode) {
    Descriptor const file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, static_cast<mode_t>(mode)));
    if (file.get() < 0) {
        return failed("cannot open", path, errno);
    }
    return write_all(file.get(), path, content);
}

Result<std::string> read_from(std::string const& path) {
    Descriptor const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) {
        int const error = errno;
        return failed("cannot open", path, error, error == ENOENT ? Errc::NotFound : Errc::Io);
    }
    std::string content;
    char buffer[16 * 1024];
    while (true) {
        ssize_t const n = ::read(file.get(), buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return failed("cannot read", path, errno);
        }
        if (n == 0) {
            return content;
        }
        content.append(buffer, static_cast<std::size_t>(n));
    }
}

Result<std::vector<std::string>> names_in(std::string const& path) {
    std::unique_ptr<DIR, int (*)(DIR*)> const directory(::opendir(path.c_str()), &::closedir);
    if (directory == nullptr) {
        int const error = errno;
        return failed("cannot open", path, error, error == ENOENT ? Errc::NotFound : Errc::Io);
    }
    std::vector<std::string> names;
    while (dirent const* const entry = ::readdir(directory.get())) {
        std::string_view const name = entry->d_name;
        if (name != "." && name != "..") {
            names.emplace_back(name);
        }
    }
    std::ranges::sort(names);
    return names;
}

Result<void> write_through(OpenFiles& files, std::string const& path, std::uint64_t offset,
                           std::string_view content, world::Disk::Sync sync) {
    int const file = TRY(files.open(path, true));
    Result<void> written = write_at(file, path, offset, content);
    return written.ok() && sync == world::Disk::Sync::Now ? sync_data(file, path) : written;
}

}  // namespace

void FileDisk::forget(std::string const& path) {
    files_.forget(path);
    reads_.forget(path);
    journal_.forget(path);
}

void FileDisk::read_file(std::string const& path, OnRead done) {
    enqueue([this, path, done = std::move(done)] {
        loop_.post([done, result = read_from(path)] { done(result); });
    });
}

void FileDisk::write_file(std::string const& path, std::string content, unsigned mode,
                          OnDone done) {
    enqueue([this, path, content = std::move(content), mode, done = std::move(done)] {
        loop_.post([done, result = write_to(path, content, O_TRUNC, mode)] { done(result); });
    });
}

void FileDisk::append_file(std::string const& path, std::string content, unsigned mode,
                           OnDone done) {
    enqueue([this, path, content = std::move(content), mode, done = std::move(done)] {
        loop_.post([done, result = write_to(path, content, O_APPEND, mode)] { done(result); });
    });
}

void FileDisk::remove_file(std::string const& path, OnDone done) {
    forget(path);
    enqueue([this, path, done = std::move(done)] {
        Result<void> result;
        if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
            result = failed("cannot remove", path, errno);
        }
        loop_.post([done, result] { done(result); });
    });
}

void FileDisk::rename_file(std::string const& from, std::string const& to, OnDone done) {
    forget(from);
    forget(to);
    enqueue([this, from, to, done = std::move(done)] {
        Result<void> result;
        if (std::rename(from.c_str(), to.c_str()) != 0) {
            result = failed("cannot rename", from, errno);
        }
        loop_.post([done, result] { done(result); });
    });
}

void FileDisk::make_directory(std::string const& path, unsigned mode, OnDone done) {
    enqueue([this, path, mode, done = std::move(done)] {
        Result<void> result;
        if (::mkdir(path.c_str(), static_cast<mode_t>(mode)) != 0 && errno != EEXIST) {
            result = failed("cannot make directory", path, errno);
        }
        loop_.post([done, result] { done(result); });
    });
}

void FileDisk::list_directory(std::string const& path, OnListed done) {
    enqueue([this, path, done = std::move(done)] {
        loop_.post([done, result = names_in(path)] { done(result); });
    });
}

void FileDisk::read_range(std::string const& path, std::uint64_t offset, std::uint64_t size,
                          OnRead done) {
    reads_.enqueue([this, path, offset, size, done = std::move(done)](OpenFiles& files) {
        Result<int> const file = files.open(path, false);
        Result<std::string> result = file.ok() ? read_at(file.value(), path, offset, size)
                                               : Result<std::string>(file.error());
        loop_.post([done, result = std::move(result)]() mutable { done(std::move(result)); });
    });
}

void FileDisk::write_range(std::string const& path, std::uint64_t offset, Content content,
                           OnDone done) {
    files_.enqueue([this, path, offset, content = std::move(content),
                    done = std::move(done)](OpenFiles& files) {
        Result<int> const file = files.open(path, true);
        Result<void> const result =
            file.ok() ? write_at(file.value(), path, offset, *content) : Result<void>(file.error());
        loop_.post([done, result] { done(result); });
    });
}

void FileDisk::write_journal(std::string const& path, std::uint64_t offset, Content content,
                             Sync sync, OnDone done) {
    journal_.enqueue([this, path, offset, content = std::move(content), sync,
                      done = std::move(done)](OpenFiles& files) {
        std::string const directory = path.substr(0, path.rfind('/'));
        Result<void> result;
        if (failed_journals_.contains(directory)) {
            result = Error(Errc::Io, concat(directory, ": an earlier write failed"));
        } else {
            result = write_through(files, path, offset, *content, sync);
        }
        if (!result.ok()) {
            failed_journals_.insert(directory);
        }
        loop_.post([done, result] { done(result); });
    });
}

void FileDisk::sync_file(std::string const& path, OnDone done) {
    files_.enqueue([this, path, done = std::move(done)](OpenFiles& files) {
        Result<int> const file = files.open(path, false);
        Result<void> const result =
            file.ok() ? sync_data(file.value(), path) : Result<void>(file.error());
        loop_.post([done, result] { done(result); });
    });
}

void FileDisk::sync_directory(std::string const& path, OnDone done) {
    enqueue([this, path, done = std::move(done)] {
        loop_.post([done, result = sync_directory_at(path)] { done(result); });
    });
}

void FileDisk::set_size(std::string const& path, std::uint64_t size, OnDone done) {
    files_.enqueue([this, path, size, done = std::move(done)](OpenFiles& files) {
        Result<int> const file = files.open(path, true);
        Result<void> const result =
            file.ok() ? resize(file.value(), path, size) : Result<void>(file.error());
        loop_.post([done, result] { done(result); });
    });
}

void FileDisk::file_size(std::string const& path, OnSize done) {
    enqueue([this, path, done = std::move(done)] {
        struct stat status {};
        Result<std::uint64_t> result(std::uint64_t{0});
        if (::stat(path.c_str(), &status) == 0) {
            result = static_cast<std::uint64_t>(status.st_size);
        } else {
            int const error = errno;
            result =
                failed("cannot read", path, error, error == ENOENT ? Errc::NotFound : Errc::Io);
        }
        loop_.post([done, result] { done(result); });
    });
}

void FileDisk::free_space(std::string const& path, OnSpace done) {
    enqueue([this, path, done = std::move(done)] {
        struct statvfs status {};
        Result<Space> result{Space()};
        if (::statvfs(path.c_str(), &status) == 0) {
            result = Space{status.f_bavail * status.f_frsize, status.f_blocks * status.f_frsize};
        } else {
            result = failed("cannot ask for the space of", path, errno);
        }
        loop_.post([done, result] { done(result); });
    });
}

void FileDisk::remove_directory(std::string const& path, OnDone done) {
    enqueue([this, path, done = std::move(done)] {
        Result<void> result;
        if (::rmdir(path.c_str()) != 0 && errno != ENOENT) {
            result = failed("cannot remove", path, errno);
        }
        loop_.post([done, result] { done(result); });
    });
}

}  // namespace signalbox::native
