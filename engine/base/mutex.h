#pragma once

#include <mutex>

// Clang checks these at compile time (-Wthread-safety); other compilers read past them.
#if defined(__clang__)
#define SIGNALBOX_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define SIGNALBOX_THREAD_ATTRIBUTE(x)
#endif
#define GUARDED_BY(mutex) SIGNALBOX_THREAD_ATTRIBUTE(guarded_by(mutex))
#define REQUIRES(mutex) SIGNALBOX_THREAD_ATTRIBUTE(requires_capability(mutex))

namespace signalbox::base {

/// A mutex that the compiler knows as a capability. Nobody is called while it is held.
class SIGNALBOX_THREAD_ATTRIBUTE(capability("mutex")) Mutex {
public:
    void lock() SIGNALBOX_THREAD_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
    void unlock() SIGNALBOX_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

private:
    std::mutex mutex_;
};

/// Holds a mutex until the end of its scope.
class SIGNALBOX_THREAD_ATTRIBUTE(scoped_lockable) MutexLock {
public:
    explicit MutexLock(Mutex& mutex) SIGNALBOX_THREAD_ATTRIBUTE(acquire_capability(mutex))
        : mutex_(mutex) {
        mutex_.lock();
    }
    ~MutexLock() SIGNALBOX_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

    MutexLock(MutexLock const&) = delete;
    MutexLock& operator=(MutexLock const&) = delete;

private:
    Mutex& mutex_;
};

}  // namespace signalbox::base
