#include "engine/native/syslog.h"

#include "engine/base/text.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

namespace signalbox::native {

namespace {

constexpr unsigned kDaemon = 3U << 3U;

unsigned severity_of(LogLevel level) {
    switch (level) {
        case LogLevel::Fatal:
            return 2;
        case LogLevel::Error:
            return 3;
        case LogLevel::Warning:
            return 4;
        case LogLevel::Notice:
        case LogLevel::Trace:
            return 5;
        case LogLevel::Debug:
            return 7;
    }
    return 5;
}

/// `form` is strftime's.
std::string local_time(WallTime time, char const* form) {
    auto const seconds = static_cast<std::time_t>(time.since_epoch() / base::seconds(1));
    std::tm local{};
    std::array<char, 64> text{};
    if (::localtime_r(&seconds, &local) == nullptr) {
        return "";
    }
    return {text.data(), std::strftime(text.data(), text.size(), form, &local)};
}

/// RFC 3339 wants a colon in the zone, which strftime leaves out.
std::string long_time(WallTime time) {
    std::string text = local_time(time, "%Y-%m-%dT%H:%M:%S%z");
    if (text.size() > 2) {
        text.insert(text.size() - 2, ":");
    }
    return text;
}

Error not_connected(std::string_view to, std::string_view why) {
    return Error(Errc::Io, concat("error connecting to syslog: ", to, ": ", why));
}

Result<int> connect_unix(std::string const& path, int type) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof(address.sun_path)) {
        return not_connected(path, "the path is too long");
    }
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    int const fd = ::socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return not_connected(path, std::strerror(errno));
    }
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
        int const why = errno;
        ::close(fd);
        return not_connected(path, std::strerror(why));
    }
    return fd;
}

Result<int> connect_remote(std::string_view address, int type) {
    std::size_t const colon = address.rfind(':');
    if (colon == std::string_view::npos) {
        return not_connected(address, "missing port in address");
    }
    std::string_view bare = address.substr(0, colon);
    if (bare.starts_with('[') && bare.ends_with(']')) {
        bare = bare.substr(1, bare.size() - 2);
    }
    std::string const host(bare);
    std::string const port(address.substr(colon + 1));
    addrinfo wanted{};
    wanted.ai_socktype = type;
    addrinfo* found = nullptr;
    int const failed = ::getaddrinfo(host.c_str(), port.c_str(), &wanted, &found);
    if (failed != 0) {
        return not_connected(address, ::gai_strerror(failed));
    }
    int fd = -1;
    int why = 0;
    for (addrinfo const* one = found; one != nullptr && fd < 0; one = one->ai_next) {
        fd = ::socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, one->ai_protocol);
        if (fd >= 0 && ::connect(fd, one->ai_addr, one->ai_addrlen) != 0) {
            why = errno;
            ::close(fd);
            fd = -1;
        }
    }
    ::freeaddrinfo(found);
    if (fd < 0) {
        return not_connected(address, std::strerror(why));
    }
    return fd;
}

/// The daemon of this machine listens where its makers liked.
Result<int> connect_local() {
    constexpr std::array<char const*, 3> kPaths = {"/dev/log", "/var/run/syslog", "/var/run/log"};
    for (char const* path : kPaths) {
        Result<int> fd = connect_unix(path, SOCK_DGRAM);
        if (fd.ok()) {
            return fd;
        }
    }
    return not_connected("/dev/log", "no daemon takes messages there");
}

}  // namespace

std::string syslog_message(LogLine const& line, std::string_view tag, std::uint64_t pid,
                           std::string_view host_name) {
    std::string const time =
        host_name.empty() ? local_time(line.time, "%b %e %H:%M:%S") : long_time(line.time);
    return concat("<", kDaemon | severity_of(line.level), ">", time, " ", host_name,
                  host_name.empty() ? "" : " ", tag, "[", pid, "]: ", line.text, "\n");
}

Syslog::Syslog(std::string url, std::string tag) : url_(std::move(url)), tag_(std::move(tag)) {
    if (!url_.empty()) {
        std::array<char, 256> name{};
        host_name_ = ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
    }
}

Syslog::~Syslog() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

Result<std::unique_ptr<Syslog>> Syslog::open(std::string url, std::string tag) {
    std::unique_ptr<Syslog> log(new Syslog(std::move(url), std::move(tag)));
    TRY(log->connect());
    return log;
}

Result<void> Syslog::connect() {
    std::string_view const url(url_);
    int fd = -1;
    if (url.empty()) {
        fd = TRY(connect_local());
    } else if (url.starts_with("udp://")) {
        fd = TRY(connect_remote(url.substr(6), SOCK_DGRAM));
    } else if (url.starts_with("tcp://")) {
        fd = TRY(connect_remote(url.substr(6), SOCK_STREAM));
        stream_ = true;
    } else if (url.starts_with("unix://")) {
        fd = TRY(connect_unix(std::string(url.substr(7)), SOCK_DGRAM));
    } else {
        return Error(Errc::InvalidArgument, concat("invalid network type: ", base::quoted(url)));
    }
    if (fd_ >= 0) {
        ::close(fd_);
    }
    fd_ = fd;
    return {};
}

void Syslog::write(LogLine const& line) {
    std::string const message =
        syslog_message(line, tag_, static_cast<std::uint64_t>(::getpid()), host_name_);
    if (!send(message) && connect().ok()) {
        send(message);
    }
}

bool Syslog::send(std::string_view message) const {
    while (!message.empty()) {
        ssize_t const n = ::send(fd_, message.data(), message.size(), MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return false;
        }
        if (!stream_) {
            return true;
        }
        message.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

Result<void> Syslog::reopen() {
    return Error(Errc::Unavailable, "not a file logger");
}

}  // namespace signalbox::native
