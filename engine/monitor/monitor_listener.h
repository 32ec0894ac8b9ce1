#pragma once

#include "engine/monitor/monitor_connection.h"
#include "engine/monitor/monitor_pages.h"
#include "engine/monitor/monitor_settings.h"
#include "engine/monitor/monitor_source.h"
#include "engine/world/world.h"

#include <memory>

namespace signalbox::monitor {

/// Serves the monitoring documents over HTTP, to a bounded number of connections that an acceptor
/// hands in. Everything on it only reads.
class MonitorListener : private MonitorConnectionOwner {
public:
    MonitorListener(World& world, MonitorSource& source, MonitorSettings settings);
    /// Closes all connections at once.
    ~MonitorListener() override;

    MonitorListener(MonitorListener const&) = delete;
    MonitorListener& operator=(MonitorListener const&) = delete;

    /// Beyond the bound a link is refused and closed.
    void accept(std::unique_ptr<world::Link> link);

    std::size_t connections() const { return connections_.size(); }

private:
    void refuse(world::Link& link);

    void remove(MonitorConnectionId id) override;
    void resume_later(MonitorConnectionId id) override;

    World& world_;
    MonitorSettings settings_;
    MonitorPages pages_;
    base::SlotMap<std::unique_ptr<MonitorConnection>> connections_;
    std::shared_ptr<MonitorListener*> self_;  ///< What deferred tasks find it by, until it is gone.
};

}  // namespace signalbox::monitor
