#pragma once

#include <string>
#include <string_view>

namespace signalbox::headless {

/// Tells the service manager how the service is, as systemd's protocol has it (sd_notify(3)); does
/// nothing where nobody asked to be told.
class ServiceNotify {
public:
    /// `socket` is the value of `NOTIFY_SOCKET`: a path, or an abstract name that begins with `@`.
    explicit ServiceNotify(std::string socket) : socket_(std::move(socket)) {}

    void ready() const { send("READY=1"); }
    void stopping() const { send("STOPPING=1"); }
    /// Until the next `ready`.
    void reloading() const;

private:
    void send(std::string_view state) const;

    std::string socket_;
};

}  // namespace signalbox::headless
