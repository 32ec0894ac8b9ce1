#include "process_stats.h"

#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

namespace natsload {
namespace {

std::int64_t read_clock(clockid_t clock) {
    timespec time{};
    if (clock_gettime(clock, &time) != 0)
        return 0;
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

void read_stat(int pid, ProcessSample& sample) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(file, line);
    const std::size_t after_name = line.rfind(')');
    if (after_name == std::string::npos)
        return;
    std::istringstream fields(line.substr(after_name + 1));
    std::string skipped;
    for (int i = 0; i < 11; ++i)
        fields >> skipped;
    double user_ticks = 0, system_ticks = 0;
    fields >> user_ticks >> system_ticks;
    double const ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
    sample.server_user_seconds += user_ticks / ticks_per_second;
    sample.server_system_seconds += system_ticks / ticks_per_second;
}

void read_status(int pid, ProcessSample& sample) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    std::string line;
    while (std::getline(file, line)) {
        long long value = 0;
        if (std::sscanf(line.c_str(), "VmRSS: %lld kB", &value) == 1)
            sample.rss_bytes += value * 1024;
        else if (std::sscanf(line.c_str(), "VmHWM: %lld kB", &value) == 1)
            sample.peak_rss_bytes += value * 1024;
    }
}

}  // namespace

std::int64_t now_nanos() {
    return read_clock(CLOCK_MONOTONIC);
}

ProcessSample sample_processes(std::vector<int> const& server_pids) {
    ProcessSample sample;
    for (int const pid : server_pids) {
        clockid_t clock{};
        if (clock_getcpuclockid(pid, &clock) == 0)
            sample.server_cpu_nanos += read_clock(clock);
        read_stat(pid, sample);
        read_status(pid, sample);
    }
    sample.own_cpu_nanos = read_clock(CLOCK_PROCESS_CPUTIME_ID);
    sample.wall_nanos = now_nanos();
    return sample;
}

}  // namespace natsload
