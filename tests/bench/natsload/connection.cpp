#include "connection.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#ifdef NATSLOAD_HAVE_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
#endif

namespace natsload {

void fail(std::string const& message) {
    std::fprintf(stderr, "natsload: %s\n", message.c_str());
    std::exit(1);
}

#ifdef NATSLOAD_HAVE_TLS
namespace {

SSL* as_ssl(void* tls) {
    return static_cast<SSL*>(tls);
}

SSL_CTX* tls_context() {
    static SSL_CTX* context = [] {
        SSL_CTX* created = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_verify(created, SSL_VERIFY_NONE, nullptr);
        SSL_CTX_set_mode(created,
                         SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        return created;
    }();
    return context;
}

ssize_t tls_result(SSL* ssl, int result) {
    if (result > 0)
        return result;
    switch (SSL_get_error(ssl, result)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            errno = EAGAIN;
            return -1;
        case SSL_ERROR_ZERO_RETURN:
            return 0;
        default:
            errno = ECONNRESET;
            return -1;
    }
}

}  // namespace
#endif

Connection::Connection(Connection&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      tls_(std::exchange(other.tls_, nullptr)),
      retrySize_(std::exchange(other.retrySize_, 0)) {}

Connection& Connection::operator=(Connection&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(tls_, other.tls_);
    std::swap(retrySize_, other.retrySize_);
    return *this;
}

Connection::~Connection() {
#ifdef NATSLOAD_HAVE_TLS
    if (tls_ != nullptr)
        SSL_free(as_ssl(tls_));
#endif
    if (fd_ >= 0)
        ::close(fd_);
}

int connect_socket(Options const& options) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* addresses = nullptr;
    if (getaddrinfo(options.host.c_str(), std::to_string(options.port).c_str(), &hints,
                    &addresses) != 0) {
        fail("cannot resolve " + options.host);
    }
    int fd = -1;
    for (addrinfo* address = addresses; address != nullptr; address = address->ai_next) {
        fd = ::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
            continue;
        if (::connect(fd, address->ai_addr, address->ai_addrlen) == 0)
            break;
        ::close(fd);
        fd = -1;
    }
    freeaddrinfo(addresses);
    if (fd < 0)
        fail(std::string("cannot connect: ") + std::strerror(errno));
    int const one = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

std::string connect_line(Options const& options) {
    std::string line =
        R"(CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true,"lang":"c++","name":"natsload","version":"1.0","protocol":1)";
    if (!options.user.empty()) {
        line += R"(,"user":")" + options.user + R"(","pass":")" + options.password + '"';
    }
    line += "}\r\n";
    return line;
}

Connection Connection::open(Options const& options) {
    Connection connection;
    connection.fd_ = connect_socket(options);
    connection.handshake(options);
    connection.set_blocking(false);
    return connection;
}

void Connection::handshake(Options const& options) {
    // INFO arrives in the clear even when the session continues with TLS.
    const std::string info = read_line();
    if (info.compare(0, 4, "INFO") != 0)
        fail("expected INFO, got: " + info);
    if (options.tls) {
#ifdef NATSLOAD_HAVE_TLS
        SSL* ssl = SSL_new(tls_context());
        SSL_set_fd(ssl, fd_);
        if (SSL_connect(ssl) != 1)
            fail("TLS handshake failed");
        tls_ = ssl;
#else
        fail("built without TLS");
#endif
    }
    write_all(connect_line(options) + "PING\r\n");
    for (;;) {
        const std::string line = read_line();
        if (line == "PONG")
            return;
        if (line.compare(0, 4, "-ERR") == 0)
            fail("server said " + line);
    }
}

std::string Connection::read_line() {
    std::string line;
    for (;;) {
        char c = 0;
        const ssize_t count = read(&c, 1);
        if (count == 0)
            fail("server closed the connection");
        if (count < 0) {
            if (errno == EINTR)
                continue;
            if (errno != EAGAIN)
                fail(std::string("read: ") + std::strerror(errno));
            pollfd wait{fd_, POLLIN, 0};
            ::poll(&wait, 1, 5'000);
            continue;
        }
        if (c == '\n') {
            if (!line.empty() && line.back() == '\r')
                line.pop_back();
            return line;
        }
        line += c;
    }
}

ssize_t Connection::read(char* into, std::size_t capacity) {
#ifdef NATSLOAD_HAVE_TLS
    if (tls_ != nullptr)
        return tls_result(as_ssl(tls_), SSL_read(as_ssl(tls_), into, static_cast<int>(capacity)));
#endif
    return ::recv(fd_, into, capacity, 0);
}

ssize_t Connection::write(char const* from, std::size_t size) {
#ifdef NATSLOAD_HAVE_TLS
    if (tls_ != nullptr) {
        const ssize_t count =
            tls_result(as_ssl(tls_), SSL_write(as_ssl(tls_), from, static_cast<int>(size)));
        retrySize_ = count < 0 ? size : 0;
        return count;
    }
#endif
    return ::send(fd_, from, size, MSG_NOSIGNAL);
}

ssize_t Connection::discard(std::size_t size) {
    return ::recv(fd_, nullptr, size, MSG_TRUNC);
}

void Connection::write_all(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = write(bytes.data(), bytes.size());
        if (count > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno == EAGAIN) {
            pollfd wait{fd_, POLLOUT, 0};
            ::poll(&wait, 1, 5'000);
        } else if (errno != EINTR) {
            fail(std::string("write: ") + std::strerror(errno));
        }
    }
}

void Connection::barrier() {
    write_all("PING\r\n");
    for (;;) {
        const std::string line = read_line();
        if (line == "PONG")
            return;
        if (line == "PING")
            write_all("PONG\r\n");
        if (line.compare(0, 4, "-ERR") == 0)
            fail("server said " + line);
    }
}

void Connection::set_blocking(bool blocking) {
    int const flags = ::fcntl(fd_, F_GETFL);
    ::fcntl(fd_, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

}  // namespace natsload
