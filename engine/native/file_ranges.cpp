#include "engine/native/file_ranges.h"

#include "engine/base/text.h"
#include "engine/native/descriptor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace signalbox::native {

Error disk_error(std::string_view what, std::string const& path, int error) {
    return {Errc::Io, concat(what, " ", path, ": ", std::strerror(error))};
}

Result<void> write_at(int fd, std::string const& path, std::uint64_t offset,
                      std::string_view content) {
    while (!content.empty()) {
        ssize_t const n = ::pwrite(fd, content.data(), content.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return disk_error("cannot write", path, errno);
        }
        content.remove_prefix(static_cast<std::size_t>(n));
        offset += static_cast<std::uint64_t>(n);
    }
    return {};
}

Result<std::string> read_at(int fd, std::string const& path, std::uint64_t offset,
                            std::uint64_t size) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) {
        return disk_error("cannot read", path, errno);
    }
    // What is asked for may come of a damaged file: no more than there is takes up memory.
    std::uint64_t const end = static_cast<std::uint64_t>(status.st_size);
    std::string content(offset < end ? std::min(size, end - offset) : 0, '\0');
    std::size_t got = 0;
    while (got < content.size()) {
        ssize_t const n = ::pread(fd, content.data() + got, content.size() - got,
                                  static_cast<off_t>(offset + got));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return disk_error("cannot read", path, errno);
        }
        if (n == 0) {
            break;
        }
        got += static_cast<std::size_t>(n);
    }
    content.resize(got);
    return content;
}

Result<void> sync_data(int fd, std::string const& path) {
    if (::fdatasync(fd) != 0) {
        return disk_error("cannot sync", path, errno);
    }
    return {};
}

Result<void> sync_directory_at(std::string const& path) {
    Descriptor const directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.valid()) {
        return disk_error("cannot open", path, errno);
    }
    if (::fsync(directory.get()) != 0) {
        return disk_error("cannot sync", path, errno);
    }
    return {};
}

Result<void> resize(int fd, std::string const& path, std::uint64_t size) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) {
        return disk_error("cannot resize", path, errno);
    }
    off_t const wanted = static_cast<off_t>(size);
    if (wanted > status.st_size) {
        int const error = ::posix_fallocate(fd, 0, wanted);
        if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
            // What was reserved before there was no more is given back.
            bool const as_before = ::ftruncate(fd, status.st_size) == 0;
            return Error(Errc::LimitExceeded,
                         concat("cannot reserve ", size, " bytes for ", path, ": ",
                                std::strerror(error), as_before ? "" : ", and some are"));
        }
    }
    if (::ftruncate(fd, wanted) != 0) {
        return disk_error("cannot resize", path, errno);
    }
    return {};
}

}  // namespace signalbox::native
