#pragma once

#include "engine/native/disk_lane.h"
#include "engine/native/event_loop.h"
#include "engine/world/disk.h"

#include <set>

namespace signalbox::native {

/// Files, on three threads: one for the journal, whose syncs a publisher waits for; one for reads
/// of messages, which a consumer waits for; one for all else.
class FileDisk : public world::Disk {
public:
    explicit FileDisk(EventLoop& loop) : loop_(loop) {}

    // Destroyed, it does what was asked for first; its completions are not called any more.

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

private:
    void enqueue(world::Task job) {
        files_.enqueue([job = std::move(job)](OpenFiles&) { job(); });
    }
    void forget(std::string const& path);

    EventLoop& loop_;
    std::set<std::string> failed_journals_;  ///< The journal's thread's.
    DiskLane files_{"files"};
    DiskLane reads_{"file reads"};
    DiskLane journal_{"journal"};
};

}  // namespace signalbox::native
