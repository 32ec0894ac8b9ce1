#include "headless/signals.h"

namespace signalbox::headless {

Signals::Signals() : owner_(::pthread_self()) {
    ::sigemptyset(&set_);
    for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGALRM}) {
        ::sigaddset(&set_, signal);
    }
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    // A peer that went away is an error of the write.
    ::signal(SIGPIPE, SIG_IGN);
}

int Signals::wait() const {
    int signal = 0;
    while (::sigwait(&set_, &signal) != 0) {
    }
    return signal;
}

void Signals::wake() const {
    ::pthread_kill(owner_, SIGALRM);
}

void Signals::ask_for_reload() const {
    ::pthread_kill(owner_, SIGHUP);
}

std::string_view name_of_signal(int signal) {
    switch (signal) {
        case SIGINT:
            return "interrupt";
        case SIGTERM:
            return "terminated";
        case SIGHUP:
            return "hangup";
        case SIGUSR1:
            return "user defined signal 1";
        case SIGUSR2:
            return "user defined signal 2";
        default:
            return "unknown";
    }
}

}  // namespace signalbox::headless
