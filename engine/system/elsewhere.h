#pragma once

#include "engine/system/publisher.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace signalbox::system {

/// What other servers of the cluster say of the clients that accounts have there, so that the
/// limits of an account hold for all of them together.
class Elsewhere {
public:
    Elsewhere(SystemParts const& parts, Publisher& publisher)
        : parts_(parts), publisher_(publisher) {}
    ~Elsewhere() { parts_.world.timers().cancel(timer_); }

    Elsewhere(Elsewhere const&) = delete;
    Elsewhere& operator=(Elsewhere const&) = delete;

    /// Listens from now on; nothing where there are no others.
    void start();

private:
    struct Server {
        Instant heard;
        std::set<std::string> accounts;  ///< Of which it said something.
    };

    void connections_told(dispatch::ReceivedMessage const& message);
    void server_gone(std::string const& id);
    void look_for_silent();

    SystemParts parts_;
    Publisher& publisher_;
    std::map<std::string, Server> servers_;  ///< By id.
    world::TimerId timer_;
};

}  // namespace signalbox::system
