// Mode conns: opens --conns connections, completes the handshake on each, and
// holds them. Reports the rate and the server's memory per connection.

#include "connection.h"
#include "modes.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

namespace natsload {

void run_idle_connections(Options const& options, Report& report) {
    constexpr int kConcurrent = 128;
    constexpr int kPerSourceAddress = 20'000;
    int const epoll = epoll_create1(EPOLL_CLOEXEC);
    const std::string hello = connect_line(options) + "PING\r\n";
    bool const loopback = options.host == "127.0.0.1";

    sockaddr_in server{};
    server.sin_family = AF_INET;
    server.sin_port = htons(options.port);
    if (inet_pton(AF_INET, options.host.c_str(), &server.sin_addr) != 1)
        fail("conns needs a numeric IPv4 --host");

    std::vector<int> sockets;
    std::vector<bool> greeted(static_cast<std::size_t>(options.connections), false);
    std::vector<std::string> received(static_cast<std::size_t>(options.connections));
    auto const open_next = [&] {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (fd < 0)
            fail(std::string("socket: ") + std::strerror(errno));
        if (loopback && options.connections > kPerSourceAddress) {
            // More connections than ports: spread over loopback source addresses.
            sockaddr_in source{};
            source.sin_family = AF_INET;
            source.sin_addr.s_addr =
                htonl(0x7f000001u + static_cast<std::uint32_t>(sockets.size()) / kPerSourceAddress);
            const int one = 1;
            ::setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
            ::bind(fd, reinterpret_cast<sockaddr*>(&source), sizeof source);
        }
        if (::connect(fd, reinterpret_cast<sockaddr*>(&server), sizeof server) != 0 &&
            errno != EINPROGRESS) {
            fail(std::string("connect: ") + std::strerror(errno));
        }
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = sockets.size();
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
        sockets.push_back(fd);
    };

    const ProcessSample begin = sample_processes(options.server_pids);
    for (int i = 0; i < kConcurrent && i < options.connections; ++i)
        open_next();
    int established = 0;
    char buffer[8192];
    epoll_event events[128];
    while (established < options.connections) {
        int const count = epoll_wait(epoll, events, 128, 5'000);
        if (count == 0)
            fail("stalled at " + std::to_string(established) + " connections");
        for (int i = 0; i < count; ++i) {
            const std::size_t index = events[i].data.u64;
            const ssize_t bytes = ::recv(sockets[index], buffer, sizeof buffer, 0);
            if (bytes <= 0) {
                if (bytes < 0 && errno == EAGAIN)
                    continue;
                fail("connection " + std::to_string(index) + " refused after " +
                     std::to_string(established));
            }
            std::string& text = received[index];
            text.append(buffer, static_cast<std::size_t>(bytes));
            if (!greeted[index] && text.find("\r\n") != std::string::npos) {
                greeted[index] = true;
                text.clear();
                if (::send(sockets[index], hello.data(), hello.size(), MSG_NOSIGNAL) < 0)
                    fail("send failed");
            } else if (text.find("PONG\r\n") != std::string::npos) {
                text = {};
                ++established;
                if (sockets.size() < static_cast<std::size_t>(options.connections))
                    open_next();
            } else if (text.find("-ERR") != std::string::npos) {
                fail("server said " + text);
            }
        }
    }
    const ProcessSample opened = sample_processes(options.server_pids);
    std::this_thread::sleep_for(std::chrono::duration<double>(options.seconds));
    const ProcessSample held = sample_processes(options.server_pids);
    for (int fd : sockets)
        ::close(fd);
    ::close(epoll);

    report.add("connections", static_cast<std::int64_t>(options.connections));
    report.add_window(begin, opened, options.connections);
    report.add("rss_per_connection_kb", static_cast<double>(held.rss_bytes - begin.rss_bytes) /
                                            1024.0 / options.connections);
    report.add("idle_cores", static_cast<double>(held.server_cpu_nanos - opened.server_cpu_nanos) /
                                 static_cast<double>(held.wall_nanos - opened.wall_nanos));
}

}  // namespace natsload
