#pragma once

#include "engine/dispatch/internal_client.h"
#include "engine/dispatch/message_trace.h"
#include "engine/event/server_info.h"
#include "engine/world/world.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

namespace signalbox::dispatch {

/// Publishes what was written down of traced messages, each in the account it was published in.
class TraceTeller {
public:
    TraceTeller(World& world, Dispatcher& dispatcher) : world_(world), dispatcher_(dispatcher) {}

    /// Who the server is, as it says its next word. Nothing is told before this is known.
    void introduce_by(std::function<event::ServerInfo()> introduction) {
        introduction_ = std::move(introduction);
    }

    /// Of a message with these headers and, headers and payload, this size.
    void tell(MessageTrace const& trace, Bytes headers, std::size_t size);

    /// The account is gone.
    void forget(account::Account const& account) { speakers_.erase(account.index()); }

private:
    World& world_;
    Dispatcher& dispatcher_;
    std::function<event::ServerInfo()> introduction_;
    std::map<std::uint32_t, std::unique_ptr<InternalClient>> speakers_;  ///< By account index.
};

}  // namespace signalbox::dispatch
