#pragma once

#include "engine/account/account.h"
#include "engine/base/json_writer.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/event/event_id.h"
#include "engine/message/recipient.h"
#include "engine/world/world.h"

#include <functional>
#include <string>
#include <string_view>

namespace signalbox::jetstream {

/// Says in an account what happens to its streams, when somebody there listens.
class Advisor final : public message::Publisher {
public:
    using WriteFields = std::function<void(JsonWriter&)>;

    Advisor(world::World& world, dispatch::Dispatcher& dispatcher)
        : world_(world), dispatcher_(dispatcher), ids_(world.entropy()) {}

    /// On `$JS.EVENT.ADVISORY.<subject>`; `type` is `stream_action` and the like. Not while a
    /// message is handed out.
    void say(account::Account& account, std::string_view subject, std::string_view type,
             WriteFields const& write);

    // message::Publisher
    message::Recipient const* without_echo() const override { return nullptr; }
    std::uint64_t connection_id() const override { return 0; }
    void describe(event::ClientInfo& info) const override;
    void stall() override {}

private:
    world::World& world_;
    dispatch::Dispatcher& dispatcher_;
    event::EventIds ids_;
};

}  // namespace signalbox::jetstream
