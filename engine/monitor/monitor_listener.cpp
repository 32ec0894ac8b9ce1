#include "engine/monitor/monitor_listener.h"

#include "engine/protocol/http_response.h"

#include <span>
#include <utility>

namespace signalbox::monitor {

MonitorListener::MonitorListener(World& world, MonitorSource& source, MonitorSettings settings)
    : world_(world),
      settings_(std::move(settings)),
      pages_(world, source, settings_),
      self_(std::make_shared<MonitorListener*>(this)) {}

MonitorListener::~MonitorListener() = default;

void MonitorListener::accept(std::unique_ptr<world::Link> link) {
    if (connections_.size() >= settings_.max_connections) {
        refuse(*link);
        return;
    }
    MonitorConnectionId const id = connections_.insert(
        std::make_unique<MonitorConnection>(world_, pages_, settings_, std::move(link)));
    (*connections_.find(id))->start(*this, id);
}

void MonitorListener::refuse(world::Link& link) {
    std::string const answer = protocol::http_response_head({
        .status = 503,
        .date = world_.clock().wall_now(),
        .content_length = 0,
        .keep_alive = false,
    });
    // The link is closed next; an answer that does not fit is not worth keeping it for.
    Bytes const bytes = answer;
    link.send(std::span<Bytes const>(&bytes, 1));
}

void MonitorListener::remove(MonitorConnectionId id) {
    connections_.take(id);
}

void MonitorListener::resume_later(MonitorConnectionId id) {
    world_.turn().defer([listener = std::weak_ptr<MonitorListener*>(self_), id] {
        auto const alive = listener.lock();
        auto* const found = alive ? (*alive)->connections_.find(id) : nullptr;
        if (found != nullptr) {
            (*found)->resume();
        }
    });
}

}  // namespace signalbox::monitor
