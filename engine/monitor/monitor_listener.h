#pragma once

#include "engine/base/logger.h"
#include "engine/monitor/monitor_connection.h"
#include "engine/monitor/monitor_pages.h"
#include "engine/monitor/monitor_settings.h"
#include "engine/monitor/monitor_source.h"
#include "engine/world/world.h"

#include <memory>
#include <vector>

namespace signalbox::monitor {

/// Serves the monitoring documents over HTTP, to a bounded number of connections. Everything on it
/// only reads.
class MonitorListener : private MonitorConnectionOwner {
public:
    MonitorListener(World& world, Logger& logger, MonitorSource& source, MonitorSettings settings);
    /// Closes all connections at once.
    ~MonitorListener() override;

    MonitorListener(MonitorListener const&) = delete;
    MonitorListener& operator=(MonitorListener const&) = delete;

    /// Listens on one more address and answers which it became; port 0 asks for any free one.
    /// Errors: Io.
    Result<world::Address> listen(world::Address const& address);

    std::size_t connections() const { return connections_.size(); }
    HttpStats const& stats() const { return pages_.stats(); }

    /// Takes in a link that another listener accepted.
    void accept(std::unique_ptr<world::Link> link);

private:
    void refuse(world::Link& link);

    void remove(MonitorConnectionId id) override;
    void resume_later(MonitorConnectionId id) override;

    World& world_;
    Logger& logger_;
    MonitorSettings settings_;
    MonitorPages pages_;
    std::vector<std::unique_ptr<world::Listener>> listeners_;
    base::SlotMap<std::unique_ptr<MonitorConnection>> connections_;
    std::shared_ptr<MonitorListener*> self_;  ///< What deferred tasks find it by, until it is gone.
};

}  // namespace signalbox::monitor
