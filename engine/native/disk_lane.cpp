#include "engine/native/disk_lane.h"

#include "engine/base/text.h"

#include <fcntl.h>
#include <pthread.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace signalbox::native {

Result<int> OpenFiles::open(std::string const& path, bool make) {
    if (auto const found = by_path_.find(path); found != by_path_.end()) {
        files_.splice(files_.begin(), files_, found->second);
        return found->second->descriptor.get();
    }
    Descriptor descriptor(::open(path.c_str(), O_RDWR | O_CLOEXEC | (make ? O_CREAT : 0), 0600));
    if (!descriptor.valid()) {
        int const error = errno;
        return Error(error == ENOENT ? Errc::NotFound : Errc::Io,
                     concat("cannot open ", path, ": ", std::strerror(error)));
    }
    if (files_.size() == kMost) {
        by_path_.erase(files_.back().path);
        files_.pop_back();
    }
    files_.push_front({path, std::move(descriptor)});
    by_path_.emplace(path, files_.begin());
    return files_.front().descriptor.get();
}

void OpenFiles::forget(std::string const& path) {
    if (auto const found = by_path_.find(path); found != by_path_.end()) {
        files_.erase(found->second);
        by_path_.erase(found);
    }
}

DiskLane::DiskLane(char const* name)
    : thread_([this, name] {
          pthread_setname_np(pthread_self(), name);
          work();
      }) {}

DiskLane::~DiskLane() {
    {
        std::lock_guard const lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void DiskLane::enqueue(Job job) {
    {
        std::lock_guard const lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
}

void DiskLane::work() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [&] { return stopping_ || !jobs_.empty(); });
        if (jobs_.empty()) {
            return;
        }
        Job const job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job(files_);
        lock.lock();
    }
}

}  // namespace signalbox::native
