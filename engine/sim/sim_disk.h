#pragma once

#include "engine/sim/simulation.h"
#include "engine/world/disk.h"

#include <set>

namespace signalbox::sim {

/// How a simulated disk misbehaves.
struct DiskFaults {
    Duration latency = base::microseconds(200);
    bool reads_fail = false;
    bool writes_fail = false;
    std::uint32_t write_failures_per_thousand = 0;
    /// The next sync fails, what it was to sync is lost, and the one after knows nothing of it.
    bool next_sync_fails = false;
    /// Of each thousand ranges that are read, so many come with a wrong bit.
    std::uint32_t read_flips_per_thousand = 0;
    std::uint64_t free_space = std::uint64_t{1} << 40;
    /// So many calls that change something are completed, and no call after: the machine is as
    /// good as gone, and waits for its power to be cut.
    std::optional<std::uint64_t> changes_left = std::nullopt;
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

    void read_range(std::string const& path, std::uint64_t offset, std::uint64_t size,
                    OnRead done) override;
    void write_range(std::string const& path, std::uint64_t offset, Content content,
                     OnDone done) override;
    void write_journal(std::string const& path, std::uint64_t offset, Content content, Sync sync,
                       OnDone done) override;
    void sync_file(std::string const& path, OnDone done) override;
    void sync_directory(std::string const& path, OnDone done) override;
    void set_size(std::string const& path, std::uint64_t size, OnDone done) override;
    void file_size(std::string const& path, OnSize done) override;
    void free_space(std::string const& path, OnSpace done) override;
    void remove_directory(std::string const& path, OnDone done) override;

    /// Calls that changed something so far.
    std::uint64_t changes() const { return changes_; }

private:
    /// Does `work` in the order of asking, unless this write is to fail.
    void write(std::string const& path, std::function<Result<void>()> work, OnDone done);
    Instant next_completion();
    bool stopped() const { return faults_.changes_left && *faults_.changes_left == 0; }
    bool may_change();
    bool unlucky();
    Result<void> put(std::string const& path, std::uint64_t offset, std::string_view content);
    Result<void> sync(std::string const& path);

    Simulation& simulation_;
    SimFiles& files_;
    NodeId node_;
    DiskFaults faults_;
    Instant last_completion_;
    Instant last_journal_;
    std::set<std::string> failed_journals_;  ///< Directories.
    std::uint64_t changes_ = 0;
};

}  // namespace signalbox::sim
