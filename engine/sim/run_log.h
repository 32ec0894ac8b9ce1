#pragma once

#include "engine/base/logger.h"
#include "engine/sim/simulation.h"

#include <deque>
#include <string>

namespace signalbox::sim {

/// What the servers of a run log. Every line is part of the run's fingerprint; the last ones are
/// kept for who asks why a run failed.
class RunLog {
public:
    static constexpr std::size_t kKept = 200;

    explicit RunLog(Simulation& simulation) : simulation_(simulation) {}

    void add(std::string_view machine, std::string_view line);

    std::string last_lines() const;

    /// How many lines held this text.
    std::size_t count(std::string_view text) const;

private:
    Simulation& simulation_;
    std::deque<std::string> lines_;
};

/// Where one machine's server writes.
class MachineLog final : public base::LogSink {
public:
    MachineLog(RunLog& log, std::string machine) : log_(log), machine_(std::move(machine)) {}

    void write(base::LogLevel, std::string_view line) override { log_.add(machine_, line); }

private:
    RunLog& log_;
    std::string machine_;
};

}  // namespace signalbox::sim
