// Command-line options of the load generator.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace natsload {

struct Options {
    std::string mode;

    // Where the server is.
    std::string host = "127.0.0.1";
    std::uint16_t port = 4222;
    std::uint16_t subscriber_port = 0;  // where subscribers connect to; 0: as the others
    std::vector<int> server_pids;       // their CPU and memory are added up; none: not sampled
    bool tls = false;
    std::string user;
    std::string password;

    // Shape of the load.
    int publishers = 1;
    int subscribers = 1;
    std::size_t payload_size = 128;
    std::size_t header_size = 0;  // 0: PUB; otherwise HPUB with about this many header bytes
    std::string subject = "load.test";
    int subscriptions = 10'000;  // wild, churn
    int subjects = 10'000;       // wild
    int exact_percent = 75;      // wild: share of exact subscriptions
    int star_percent = 20;       // wild: share with '*', the rest end in '>'
    double rate = 10'000;        // latency: messages per second over all publishers
    int outstanding = 1;         // reqrep: requests in flight per client
    int connections = 1'000;     // conns

    // JetStream.
    std::string stream = "LOAD";
    int streams = 1;  // jspub: written in turn
    std::string storage = "memory";
    int ack_window = 256;             // jspub: unacknowledged messages per publisher
    int fetch_batch = 256;            // jspull
    std::int64_t messages = 200'000;  // jspull: messages stored before the measurement
    std::string ack_policy = "explicit";

    // How the measurement runs.
    double settle_seconds = 0.5;  // with subscriber_port: for interest to reach the other server
    double warmup_seconds = 0.5;
    double seconds = 3.0;
    int threads = 1;
    std::size_t chunk_bytes = 64 * 1024;         // bytes per write of a publisher
    std::size_t window_bytes = 8 * 1024 * 1024;  // undelivered bytes before publishers pause
    bool spin = false;                           // latency: poll instead of sleeping
    std::uint64_t seed = 1;
    int pin_cpu = -1;
};

// Parses the command line; on an error or --help prints to the terminal and exits.
Options parse_options(int argc, char** argv);

}  // namespace natsload
