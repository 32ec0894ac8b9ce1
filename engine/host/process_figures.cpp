#include "engine/host/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

namespace signalbox::host {

namespace {

Duration processor_time() {
    rusage usage{};
    if (getrusage(RUSAGE_SELF, &usage) != 0) {
        return Duration{0};
    }
    return base::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           base::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/// 0 where the system does not tell.
std::uint64_t read_resident_bytes() {
    std::ifstream in("/proc/self/statm");
    std::uint64_t all_pages = 0;
    std::uint64_t resident_pages = 0;
    if (!(in >> all_pages >> resident_pages)) {
        return 0;
    }
    return resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

void ProcessFigures::look(Instant now) {
    if (started_ && now - looked_ < base::seconds(1)) {
        return;
    }
    Duration const used = processor_time();
    if (started_) {
        cores_ = std::chrono::duration<double>(used - used_) /
                 std::chrono::duration<double>(now - looked_);
    }
    resident_bytes_ = read_resident_bytes();
    used_ = used;
    looked_ = now;
    started_ = true;
}

}  // namespace signalbox::host
