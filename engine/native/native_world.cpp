#include "engine/native/native_world.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <thread>

namespace signalbox::native {
namespace {

Duration duration_of(timeval const& time) {
    return base::seconds(time.tv_sec) + base::microseconds(time.tv_usec);
}

std::uint64_t resident_bytes() {
    std::FILE* const file = std::fopen("/proc/self/statm", "re");
    if (file == nullptr) {
        return 0;
    }
    unsigned long long total = 0;
    unsigned long long resident = 0;
    int const fields = std::fscanf(file, "%llu %llu", &total, &resident);
    std::fclose(file);
    return fields == 2 ? resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

}  // namespace

std::uint64_t NativeWorld::process_id() const {
    return static_cast<std::uint64_t>(getpid());
}

World::Usage NativeWorld::usage() const {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return {.resident_bytes = resident_bytes(),
            .cpu_time = duration_of(used.ru_utime) + duration_of(used.ru_stime),
            .cores = std::thread::hardware_concurrency()};
}

void name_this_thread(char const* name) {
    pthread_setname_np(pthread_self(), name);
}

std::uint64_t raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 0;
    }
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

}  // namespace signalbox::native
