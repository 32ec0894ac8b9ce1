#pragma once

#include "engine/base/logger.h"
#include "engine/base/result.h"
#include "engine/world/world.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::connection {

/// A listener to be opened: where, and what becomes of the links it accepts. A server has a table
/// of these, so that a new kind of listener is a new row.
struct ListenerPlan {
    std::string name;  ///< As the log and `/healthz` call it: `server`, `monitoring`.
    std::string host;  ///< A name or a numeric address.
    /// A numeric address to listen on as well, with the same port, where the machine has it; empty:
    /// none. Links of both are the same to `accept`.
    std::string second_host;
    int port = 0;  ///< -1: any free one.
    std::function<void(std::unique_ptr<world::Link>)> accept;
};

/// Opens listeners and keeps them open.
class Acceptor {
public:
    explicit Acceptor(World& world) : world_(world) {}
    ~Acceptor() { *alive_ = false; }

    Acceptor(Acceptor const&) = delete;
    Acceptor& operator=(Acceptor const&) = delete;

    using OnOpen = std::function<void(Result<world::Address>)>;

    /// Answers with the address that it listens on, never from within this call. Errors: NotFound
    /// (the host has no address), Io (in use, not ours).
    void open(ListenerPlan plan, OnOpen done);

    /// Takes no more links on the listener of that name.
    void close(std::string_view name);

    void close_all() { listeners_.clear(); }

private:
    struct Open {
        std::string name;
        std::unique_ptr<world::Listener> listener;
    };

    Result<world::Address> listen(ListenerPlan const& plan, std::vector<std::string> const& hosts);

    World& world_;
    std::vector<Open> listeners_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace signalbox::connection
