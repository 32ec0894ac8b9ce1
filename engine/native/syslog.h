#pragma once

#include "engine/native/log_output.h"

#include <memory>
#include <string>
#include <string_view>

namespace signalbox::native {

/// The system's log, of this machine or another, facility `daemon`.
class Syslog : public LogOutput {
public:
    /// `url` empty is this machine's; else `udp://host:port`, `tcp://host:port`, `unix://path`.
    /// Errors: InvalidArgument (another scheme), Io (nobody is there).
    static Result<std::unique_ptr<Syslog>> open(std::string url, std::string tag);
    ~Syslog() override;

    Syslog(Syslog const&) = delete;
    Syslog& operator=(Syslog const&) = delete;

    /// Connects again, once for a line, when the other end has gone.
    void write(LogLine const& line) override;
    Result<void> reopen() override;

private:
    Syslog(std::string url, std::string tag);

    Result<void> connect();
    bool send(std::string_view message) const;

    std::string url_;
    std::string tag_;
    std::string host_name_;
    int fd_ = -1;
    bool stream_ = false;
};

/// One message of the older form (RFC 3164): to this machine's daemon with the short form of the
/// time, to another with the long one and this machine's name.
std::string syslog_message(LogLine const& line, std::string_view tag, std::uint64_t pid,
                           std::string_view host_name);

}  // namespace signalbox::native
