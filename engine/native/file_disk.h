#pragma once

#include "engine/native/event_loop.h"
#include "engine/world/disk.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace signalbox::native {

/// Files, on a thread of their own that does one thing after the other.
class FileDisk : public world::Disk {
public:
    explicit FileDisk(EventLoop& loop);
    /// Does what was asked for first; its completions are not called any more.
    ~FileDisk() override;

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
    void enqueue(world::Task job);
    void work();

    EventLoop& loop_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<world::Task> jobs_;  ///< Guarded by `mutex_`.
    bool stopping_ = false;         ///< Likewise.
    std::thread thread_;
};

}  // namespace signalbox::native
