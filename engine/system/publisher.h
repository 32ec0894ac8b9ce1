#pragma once

#include "engine/dispatch/internal_client.h"
#include "engine/event/event_id.h"
#include "engine/event/event_json.h"
#include "engine/system/system_parts.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace signalbox::system {

/// Says in the system account what happened. What nobody listens for is not even written.
class Publisher {
public:
    explicit Publisher(SystemParts const& parts);

    /// Whether somebody listens on `subject` in the system account.
    bool is_heard(std::string_view subject) const;

    /// Publishes it at the next turn.
    void publish(std::string subject, std::string json);

    /// The server as it says its next word.
    event::ServerInfo next_word();
    event::EventFrame next_frame();

    /// In the system account.
    dispatch::InternalClient& client() { return client_; }
    std::uint64_t published() const { return published_; }

private:
    World& world_;
    monitor::MonitorSource& source_;
    account::Account& account_;
    dispatch::InternalClient client_;
    std::unique_ptr<world::Entropy> entropy_;
    event::EventIds ids_;
    std::uint64_t sequence_ = 0;
    std::uint64_t published_ = 0;
};

}  // namespace signalbox::system
