#include "tests/transcript/peer_stage.h"

#include "engine/base/text.h"

#include <QFile>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace signalbox::transcript {

namespace {

sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int dial(int port) {
    int const descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in const address = loopback(port);
    if (::connect(descriptor, reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0) {
        ::close(descriptor);
        return -1;
    }
    int const yes = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return descriptor;
}

/// One that nobody uses now; it may be taken until it is, which is rare enough.
int free_port() {
    int const descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    ::bind(descriptor, reinterpret_cast<sockaddr const*>(&address), size);
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(descriptor);
    return ntohs(address.sin_port);
}

int milliseconds_of(Duration time) {
    return static_cast<int>(std::chrono::duration_cast<base::milliseconds>(time).count());
}

}  // namespace

PeerStage::PeerStage(std::string const& program, std::string const& config)
    : ours_(program.find("signalbox") != std::string::npos), port_(free_port()) {
    QString const path = directory_.filePath(QStringLiteral("server.conf"));
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly)) {
        return;
    }
    file.write(concat("listen: \"127.0.0.1:", port_, "\"\n", config).c_str());
    file.close();
    process_.setStandardErrorFile(directory_.filePath(QStringLiteral("log")));
    process_.start(QString::fromStdString(program), {QStringLiteral("-c"), path});
    started_ = process_.waitForStarted() && wait_until_listening();
}

PeerStage::~PeerStage() {
    for (auto const& [name, socket] : sockets_) {
        ::close(socket.descriptor);
    }
    process_.kill();
    process_.waitForFinished();
}

bool PeerStage::wait_until_listening() {
    for (int attempt = 0; attempt < 500; ++attempt) {
        int const descriptor = dial(port_);
        if (descriptor >= 0) {
            ::close(descriptor);
            // So that it counts as a connection no more.
            pass(base::milliseconds(20));
            return true;
        }
        if (process_.state() == QProcess::NotRunning) {
            return false;
        }
        process_.waitForFinished(10);
    }
    return false;
}

void PeerStage::open(std::string const& client) {
    if (auto const old = sockets_.find(client); old != sockets_.end()) {
        ::close(old->second.descriptor);
    }
    sockets_[client] = {dial(port_), false};
}

void PeerStage::close(std::string const& client) {
    ::close(std::exchange(sockets_[client].descriptor, -1));
    sockets_[client].closed = true;
}

void PeerStage::send(std::string const& client, std::string_view bytes) {
    Socket const& socket = sockets_[client];
    while (!bytes.empty()) {
        ssize_t const sent = ::send(socket.descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    // What another client does next must find this done.
    pass(base::milliseconds(5));
}

void PeerStage::receive(std::string const& client, std::string& bytes, Duration limit) {
    Socket& socket = sockets_[client];
    pollfd waiting{socket.descriptor, POLLIN, 0};
    if (socket.closed || ::poll(&waiting, 1, milliseconds_of(limit)) <= 0) {
        return;
    }
    char buffer[65'536];
    ssize_t const got = ::recv(socket.descriptor, buffer, sizeof buffer, 0);
    if (got <= 0) {
        socket.closed = true;
        return;
    }
    bytes.append(buffer, static_cast<std::size_t>(got));
}

bool PeerStage::closed(std::string const& client) {
    Socket& socket = sockets_[client];
    char byte = 0;
    if (!socket.closed && ::recv(socket.descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0) {
        socket.closed = true;
    }
    return socket.closed;
}

void PeerStage::pass(Duration time) {
    ::poll(nullptr, 0, milliseconds_of(time));
}

}  // namespace signalbox::transcript
