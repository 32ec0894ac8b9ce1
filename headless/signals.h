#pragma once

#include <pthread.h>

#include <csignal>
#include <string_view>

namespace signalbox::headless {

/// The signals this program acts on, taken one after the other by the main thread. Made before any
/// other thread, so that all inherit that they are blocked.
class Signals {
public:
    Signals();

    /// Waits for the next one; SIGALRM after `wake`.
    int wait() const;

    /// Ends a `wait` from another thread.
    void wake() const;

    /// Makes a `wait` answer SIGHUP, from another thread.
    void ask_for_reload() const;

private:
    sigset_t set_{};
    pthread_t owner_;
};

/// The signal in the words of the log: `hangup`, `user defined signal 1`.
std::string_view name_of_signal(int signal);

}  // namespace signalbox::headless
