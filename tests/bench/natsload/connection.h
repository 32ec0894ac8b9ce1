// A client connection: socket (or TLS session) and protocol handshake.
#pragma once

#include "options.h"

#include <sys/types.h>

#include <string>
#include <string_view>

namespace natsload {

// Prints a message to stderr and ends the process with status 1.
[[noreturn]] void fail(std::string const& message);

class Connection {
public:
    Connection() = default;
    Connection(Connection&& other) noexcept;
    Connection& operator=(Connection&& other) noexcept;
    ~Connection();

    // Connects and completes INFO / CONNECT / PING / PONG with a blocking socket,
    // then switches the socket to non-blocking.
    static Connection open(Options const& options);

    int fd() const { return fd_; }
    bool is_tls() const { return tls_ != nullptr; }

    // As read(2) and write(2) on a non-blocking socket: -1 with errno EAGAIN when
    // the call would block, 0 from read at the end of the stream.
    ssize_t read(char* into, std::size_t capacity);
    ssize_t write(char const* from, std::size_t size);

    // A TLS write that would have blocked must be repeated with at least as many
    // bytes; 0 when there is no such write.
    std::size_t retry_size() const { return retrySize_; }

    // Drops up to `size` received bytes without copying them out of the kernel.
    // Plain sockets only.
    ssize_t discard(std::size_t size);

    // Writes all of `bytes`, waiting as needed.
    void write_all(std::string_view bytes);

    // Sends PING and waits for the PONG; fails on an -ERR. Other traffic must not
    // be expected meanwhile.
    void barrier();

    void set_blocking(bool blocking);

private:
    void handshake(Options const& options);
    std::string read_line();

    int fd_ = -1;
    void* tls_ = nullptr;  // SSL*
    std::size_t retrySize_ = 0;
};

// The CONNECT line sent by every connection, "\r\n" included.
std::string connect_line(Options const& options);

// Resolves host and port and returns a connected, blocking TCP socket.
int connect_socket(Options const& options);

}  // namespace natsload
