#pragma once

#include "engine/client/client.h"
#include "engine/host/command.h"
#include "engine/world/world.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace signalbox::host {

/// One publish or request of a person, over a client connection of its own, as any client would:
/// the server's rules for clients hold for it too.
class Errand {
public:
    using OnDone = std::function<void(Result<std::optional<Reply>>)>;

    /// `done` is called once, and may not destroy the errand from within.
    /// `tls` none: in the plain.
    Errand(World& world, client::ServerAddress server, std::optional<client::ClientTls> tls,
           OutgoingMessage message, OnDone done);
    ~Errand();

    Errand(Errand const&) = delete;
    Errand& operator=(Errand const&) = delete;

    void publish();
    void request(Duration timeout);
    /// Publishes it, and has the server tell what became of it. Errors: TimedOut (it did not).
    void trace(Duration timeout);

private:
    client::ClientOptions options_for(client::ServerAddress server,
                                      std::optional<client::ClientTls> tls) const;
    void connect(std::function<void()> then);
    void finish(Result<std::optional<Reply>> result);
    client::Outgoing outgoing() const;

    void publish_traced();

    World& world_;
    OutgoingMessage message_;
    std::string headers_;
    OnDone done_;
    std::function<void()> then_;
    world::TimerId patience_;  ///< Of a trace.
    std::string refusal_;      ///< What the server had against it.
    client::Client client_;
};

}  // namespace signalbox::host
