#pragma once

#include "engine/account/account_directory.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/monitor/monitor_source.h"
#include "engine/system/server_control.h"
#include "engine/world/world.h"

namespace signalbox::auth {
class OperatorMode;
}

namespace signalbox::system {

/// The rooms that the system account is made of. All outlive it.
struct SystemParts {
    World& world;
    dispatch::Dispatcher& dispatcher;
    account::AccountDirectory& accounts;
    monitor::MonitorSource& source;
    ServerControl& control;
    auth::OperatorMode* operators = nullptr;  ///< Null: users stand in the configuration.
};

}  // namespace signalbox::system
