// One-line JSON report of a run.
#pragma once

#include "histogram.h"
#include "options.h"
#include "process_stats.h"

#include <cstdint>
#include <cstdio>
#include <string>

namespace natsload {

class Report {
public:
    explicit Report(Options const& options) {
        add("mode", options.mode);
        add("size", static_cast<std::int64_t>(options.payload_size));
        add("pubs", static_cast<std::int64_t>(options.publishers));
        add("subs", static_cast<std::int64_t>(options.subscribers));
    }

    void add(std::string const& key, std::string const& value) {
        std::string escaped;
        for (char c : value) {
            if (c == '"' || c == '\\')
                escaped += '\\';
            if (static_cast<unsigned char>(c) >= 0x20)
                escaped += c;
        }
        append(key, '"' + escaped + '"');
    }
    void add(std::string const& key, std::int64_t value) { append(key, std::to_string(value)); }
    void add(std::string const& key, double value) {
        char text[64];
        std::snprintf(text, sizeof text, "%.6g", value);
        append(key, text);
    }

    void add_latencies(Histogram const& histogram) {
        add("lat_p50_us", static_cast<double>(histogram.percentile(0.50)) / 1e3);
        add("lat_p90_us", static_cast<double>(histogram.percentile(0.90)) / 1e3);
        add("lat_p99_us", static_cast<double>(histogram.percentile(0.99)) / 1e3);
        add("lat_p999_us", static_cast<double>(histogram.percentile(0.999)) / 1e3);
        add("lat_max_us", static_cast<double>(histogram.max()) / 1e3);
        add("lat_samples", static_cast<std::int64_t>(histogram.count()));
    }

    // Rates and costs over a measured window. `operations` is what one unit of
    // server work means in this mode: a delivered message, a request, a SUB...
    void add_window(ProcessSample const& begin, ProcessSample const& end, double operations) {
        double const seconds = static_cast<double>(end.wall_nanos - begin.wall_nanos) / 1e9;
        double const server_cpu =
            static_cast<double>(end.server_cpu_nanos - begin.server_cpu_nanos) / 1e9;
        double const own_cpu = static_cast<double>(end.own_cpu_nanos - begin.own_cpu_nanos) / 1e9;
        add("seconds", seconds);
        add("ops_per_s", operations / seconds);
        add("server_cpu_s", server_cpu);
        add("server_cores", server_cpu / seconds);
        add("server_user_s", end.server_user_seconds - begin.server_user_seconds);
        add("server_sys_s", end.server_system_seconds - begin.server_system_seconds);
        add("cpu_ns_per_op", operations > 0 ? server_cpu * 1e9 / operations : 0.0);
        add("loadgen_cores", own_cpu / seconds);
        add("loadgen_ns_per_op", operations > 0 ? own_cpu * 1e9 / operations : 0.0);
        add("server_rss_mb", static_cast<double>(end.rss_bytes) / 1048576.0);
        add("server_peak_rss_mb", static_cast<double>(end.peak_rss_bytes) / 1048576.0);
    }

    void print() const { std::printf("{%s}\n", body_.c_str()); }

private:
    void append(std::string const& key, std::string const& json) {
        if (!body_.empty())
            body_ += ", ";
        body_ += '"' + key + "\": " + json;
    }
    std::string body_;
};

}  // namespace natsload
