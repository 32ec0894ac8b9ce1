#include "engine/host/local_files.h"

#include "engine/base/text.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

extern char** environ;

namespace signalbox::host {

namespace {

/// In lower case, as the reference has it.
std::string text_of(int error) {
    std::string text = std::strerror(error);
    return base::to_lower(text.substr(0, 1)) + text.substr(1);
}

}  // namespace

Result<std::string> LocalFiles::read(std::string const& path) {
    constexpr std::size_t kLargest = 16U << 20U;
    int const fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return Error(errno == ENOENT ? Errc::NotFound : Errc::Io,
                     concat("open ", path, ": ", text_of(errno)));
    }
    std::string content;
    std::array<char, 16'384> part{};
    ssize_t n = 0;
    while ((n = ::read(fd, part.data(), part.size())) != 0 && content.size() <= kLargest) {
        if (n > 0) {
            content.append(part.data(), static_cast<std::size_t>(n));
        } else if (errno != EINTR) {
            break;
        }
    }
    int const why = errno;
    ::close(fd);
    if (n < 0) {
        return Error(Errc::Io, concat("read ", path, ": ", text_of(why)));
    }
    if (content.size() > kLargest) {
        return Error(Errc::LimitExceeded, concat("read ", path, ": larger than 16 MiB"));
    }
    return content;
}

config::Environment environment() {
    config::Environment variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        std::string_view const text(*entry);
        std::size_t const equals = text.find('=');
        if (equals != std::string_view::npos) {
            variables.emplace(text.substr(0, equals), text.substr(equals + 1));
        }
    }
    return variables;
}

}  // namespace signalbox::host
