#pragma once

#include "engine/account/account_directory.h"
#include "engine/base/logger.h"
#include "engine/config/options.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/jetstream/stream/stream_surroundings.h"
#include "engine/world/world.h"

#include <cstdint>
#include <string>

namespace signalbox::jetstream {

/// What the streams of a server stand in. All outlive them.
struct JetStreamParts {
    world::World& world;
    Logger& log;
    account::AccountDirectory& accounts;
    dispatch::Dispatcher& dispatcher;
    config::Options const& options;  ///< In force.
    ConsumerFactory make_consumers;
    std::string server_name;
};

/// How much the server keeps and may keep, of all accounts.
class ServerRoom {
public:
    virtual ~ServerRoom() = default;

    virtual std::uint64_t most(bool memory) const = 0;
    virtual std::uint64_t used(bool memory) const = 0;
    virtual void note(std::int64_t bytes, bool memory) = 0;
    virtual std::uint64_t reserved(bool memory) const = 0;
};

}  // namespace signalbox::jetstream
