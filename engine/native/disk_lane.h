#pragma once

#include "engine/base/result.h"
#include "engine/native/descriptor.h"
#include "engine/world/timers.h"

#include <condition_variable>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace signalbox::native {

/// The files that one thread has open, the least recently used of which is closed for another.
class OpenFiles {
public:
    /// Open for reading and writing; made when there is none and `make` says so, for the owner
    /// alone. Errors: NotFound, Io.
    Result<int> open(std::string const& path, bool make);

    void forget(std::string const& path);

private:
    static constexpr std::size_t kMost = 256;

    struct File {
        std::string path;
        Descriptor descriptor;
    };
    std::list<File> files_;  ///< The most recently used first.
    std::map<std::string, std::list<File>::iterator, std::less<>> by_path_;
};

/// A thread that does one thing with files after the other.
class DiskLane {
public:
    explicit DiskLane(char const* name);
    /// Does what was asked for first.
    ~DiskLane();

    DiskLane(DiskLane const&) = delete;
    DiskLane& operator=(DiskLane const&) = delete;

    using Job = std::function<void(OpenFiles&)>;
    void enqueue(Job job);

    /// Closes the file, should it be open, behind what was asked for before.
    void forget(std::string const& path) {
        enqueue([path](OpenFiles& files) { files.forget(path); });
    }

private:
    void work();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;   ///< Guarded by `mutex_`.
    bool stopping_ = false;  ///< Likewise.
    OpenFiles files_;        ///< The thread's.
    std::thread thread_;
};

}  // namespace signalbox::native
