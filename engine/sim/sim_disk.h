#pragma once

#include "engine/sim/simulation.h"
#include "engine/world/disk.h"

namespace signalbox::sim {

/// How a simulated disk misbehaves.
struct DiskFaults {
    Duration latency = base::microseconds(200);
    bool reads_fail = false;
    bool writes_fail = false;
    std::uint32_t write_failures_per_thousand = 0;
};

/// The files of one machine, in memory. What was asked for and is not completed when the process
/// ends has not happened.
class SimDisk final : public world::Disk {
public:
    SimDisk(Simulation& simulation, std::string const& machine)
        : simulation_(simulation), files_(simulation.files_of(machine)) {}

    void belong_to(NodeId node) { node_ = node; }
    DiskFaults& faults() { return faults_; }

    void read_file(std::string const& path, OnRead done) override;
    void write_file(std::string const& path, std::string content, unsigned mode,
                    OnDone done) override;
    void append_file(std::string const& path, std::string content, unsigned mode,
                     OnDone done) override;
    void remove_file(std::string const& path, OnDone done) override;
    void rename_file(std::string const& from, std::string const& to, OnDone done) override;
    void make_directory(std::string const& path, unsigned mode, OnDone done) override;
    void list_directory(std::string const& path, OnListed done) override;

private:
    /// Does `work` in the order of asking, unless this write is to fail.
    void write(std::string const& path, std::function<Result<void>()> work, OnDone done);
    Instant next_completion();

    Simulation& simulation_;
    SimFiles& files_;
    NodeId node_;
    DiskFaults faults_;
    Instant last_completion_;
};

}  // namespace signalbox::sim
