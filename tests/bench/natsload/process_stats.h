// CPU time and memory of the server process and of the load generator.
#pragma once

#include <cstdint>
#include <vector>

namespace natsload {

std::int64_t now_nanos();

struct ProcessSample {
    std::int64_t wall_nanos = 0;
    std::int64_t server_cpu_nanos = 0;
    double server_user_seconds = 0;  // from /proc, 10 ms resolution
    double server_system_seconds = 0;
    std::int64_t rss_bytes = 0;
    std::int64_t peak_rss_bytes = 0;
    std::int64_t own_cpu_nanos = 0;
};

// Samples now. The servers' fields are sums over all of them.
ProcessSample sample_processes(std::vector<int> const& server_pids);

}  // namespace natsload
