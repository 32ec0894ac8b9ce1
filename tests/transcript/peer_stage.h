#pragma once

#include "tests/transcript/player.h"

#include <QProcess>
#include <QTemporaryDir>

namespace signalbox::transcript {

/// A server in a process of its own, on this machine's loopback: any program that takes `-c FILE`.
class PeerStage final : public Stage {
public:
    PeerStage(std::string const& program, std::string const& config);
    ~PeerStage() override;

    PeerStage(PeerStage const&) = delete;
    PeerStage& operator=(PeerStage const&) = delete;

    bool started() const { return started_; }

    void open(std::string const& client) override;
    void close(std::string const& client) override;
    void send(std::string const& client, std::string_view bytes) override;
    void receive(std::string const& client, std::string& bytes, Duration limit) override;
    bool closed(std::string const& client) override;
    void pass(Duration time) override;
    bool ours() const override { return ours_; }

private:
    struct Socket {
        int descriptor = -1;
        bool closed = false;
    };

    bool wait_until_listening();

    QTemporaryDir directory_;
    QProcess process_;
    bool ours_;
    bool started_ = false;
    int port_ = 0;
    std::map<std::string, Socket> sockets_;
};

}  // namespace signalbox::transcript
