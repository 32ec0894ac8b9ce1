#pragma once

#include "engine/base/logger.h"
#include "engine/observe/observation.h"
#include "engine/world/clock.h"

namespace signalbox::server {

/// A server's lines go where the program wants them, and to whoever watches the server.
class ServerLog : public base::LogSink {
public:
    ServerLog(base::LogSink& sink, observe::Observation& observation, world::Clock& clock)
        : sink_(&sink), observation_(&observation), clock_(&clock) {}

    void write(LogLevel level, std::string_view line) override {
        sink_->write(level, line);
        observation_->log(level, clock_->wall_now(), line);
    }

private:
    base::LogSink* sink_;
    observe::Observation* observation_;
    world::Clock* clock_;
};

}  // namespace signalbox::server
