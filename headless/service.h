#pragma once

#include "engine/config/command_line.h"
#include "engine/config/load.h"
#include "engine/host/engine.h"
#include "engine/host/service_log.h"

#include "headless/service_notify.h"
#include "headless/signals.h"

#include <string>

namespace signalbox::headless {

/// One server of an engine, run by signals until one of them ends it.
class Service {
public:
    /// The log is ready and all signals are blocked.
    Service(config::CommandLine command_line, std::string program_name, host::ServiceLog& log,
            Signals const& signals, ServiceNotify const& notify);

    /// Answers the code the program ends with.
    int run(config::Options options);

private:
    bool start(config::Options options);
    /// False when the signal ends the service.
    bool take(int signal);
    void reload();
    Result<void> try_reload();
    void say(LogLevel level, std::string_view text) { log_.write(level, text); }

    config::CommandLine command_line_;
    std::string program_name_;
    host::ServiceLog& log_;
    Signals const& signals_;
    ServiceNotify const& notify_;
    config::Logging logging_;
    host::ServerNumber server_ = 0;
    bool in_lame_duck_ = false;
    host::Engine engine_;
};

}  // namespace signalbox::headless
