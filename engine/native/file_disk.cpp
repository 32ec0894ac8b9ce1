#include "engine/native/file_disk.h"

#include "engine/base/text.h"
#include "engine/native/descriptor.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
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

}  // namespace

FileDisk::FileDisk(EventLoop& loop) : loop_(loop), thread_([this] { work(); }) {}

FileDisk::~FileDisk() {
    {
        std::lock_guard const lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void FileDisk::enqueue(world::Task job) {
    {
        std::lock_guard const lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
}

void FileDisk::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [&] { return stopping_ || !jobs_.empty(); });
        if (jobs_.empty()) {
            return;
        }
        world::Task const job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job();
        lock.lock();
    }
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
    enqueue([this, path, done = std::move(done)] {
        Result<void> result;
        if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
            result = failed("cannot remove", path, errno);
        }
        loop_.post([done, result] { done(result); });
    });
}

void FileDisk::rename_file(std::string const& from, std::string const& to, OnDone done) {
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

}  // namespace signalbox::native
