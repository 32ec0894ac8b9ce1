#pragma once

#include "engine/base/logger.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/jetstream/api/api_service.h"
#include "engine/jetstream/jetstream.h"
#include "engine/protocol/info.h"
#include "engine/server/monitored_server.h"

#include <functional>
#include <memory>

namespace signalbox::server {

/// A server's streams, and the API to them. Without JetStream nothing is kept and nobody answers.
class JetStreamSide {
public:
    /// All outlive it.
    JetStreamSide(ServerState const& state, dispatch::Dispatcher& dispatcher, Logger& log)
        : state_(state), dispatcher_(dispatcher), log_(log) {}

    /// What was kept is there once `next` is called, never from within this call.
    void start(std::function<void(Result<void>)> next);
    void stop(std::function<void()> done);

    void accounts_changed();

    /// What clients are told of it.
    void introduce(protocol::Info& info) const;

    /// Null: there is none, or not yet.
    jetstream::JetStream const* streams() const { return jetstream_.get(); }

private:
    ServerState const& state_;
    dispatch::Dispatcher& dispatcher_;
    Logger& log_;
    std::unique_ptr<jetstream::JetStream> jetstream_;
    std::unique_ptr<jetstream::Api> api_;
};

}  // namespace signalbox::server
