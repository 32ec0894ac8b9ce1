// natsload: a load generator for NATS servers, light enough that the server
// stays the bottleneck. Prints one line of JSON.

#include "connection.h"
#include "modes.h"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>

namespace {

void raise_file_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    rlimit wanted{1'000'000, 1'000'000};
    if (setrlimit(RLIMIT_NOFILE, &wanted) == 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

void pin_to(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<unsigned>(cpu), &set);
    sched_setaffinity(0, sizeof set, &set);
}

}  // namespace

int main(int argc, char** argv) {
    const natsload::Options options = natsload::parse_options(argc, argv);
    std::signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
    raise_file_limit();
    if (options.pin_cpu >= 0)
        pin_to(options.pin_cpu);

    natsload::Report report(options);
    std::string const& mode = options.mode;
    if (mode == "pub" || mode == "pubsub" || mode == "pairs" || mode == "queue" || mode == "wild") {
        natsload::run_throughput(options, report);
    } else if (mode == "reqrep") {
        natsload::run_roundtrip(options, report);
    } else if (mode == "latency") {
        natsload::run_open_loop(options, report);
    } else if (mode == "churn") {
        natsload::run_churn(options, report);
    } else if (mode == "conns") {
        natsload::run_idle_connections(options, report);
    } else if (mode == "jspub") {
        natsload::run_jet_stream_publish(options, report);
    } else if (mode == "jspull") {
        natsload::run_jet_stream_pull(options, report);
    } else {
        natsload::fail("unknown mode '" + mode + "' (try --help)");
    }
    report.print();
    return 0;
}
