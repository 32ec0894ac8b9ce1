#include "options.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string_view>
#include <vector>

namespace natsload {
namespace {

struct Flag {
    char const* name;
    char const* help;
    bool takes_value;
    std::function<void(std::string const&)> apply;
};

template <typename T>
std::function<void(std::string const&)> number(T& target) {
    return [&target](std::string const& text) {
        char* end = nullptr;
        const double value = std::strtod(text.c_str(), &end);
        std::size_t scale = 1;
        if (*end == 'k' || *end == 'K')
            scale = 1024, ++end;
        else if (*end == 'm' || *end == 'M')
            scale = 1024 * 1024, ++end;
        if (end == text.c_str() || *end != '\0' || value < 0) {
            std::fprintf(stderr, "natsload: '%s' is not a number\n", text.c_str());
            std::exit(2);
        }
        target = static_cast<T>(value * static_cast<double>(scale));
    };
}

std::function<void(std::string const&)> text(std::string& target) {
    return [&target](std::string const& value) { target = value; };
}

std::function<void(std::string const&)> on(bool& target) {
    return [&target](std::string const&) { target = true; };
}

std::function<void(std::string const&)> another(std::vector<int>& targets) {
    return [&targets](std::string const& text) {
        int target = 0;
        number(target)(text);
        targets.push_back(target);
    };
}

constexpr char const* kModes =
    "  pub       publishers only, no subscriber (server's inbound cost)\n"
    "  pubsub    P publishers x S subscribers on one subject (fan-out)\n"
    "  pairs     P independent publisher->subscriber pairs, one subject each\n"
    "  queue     P publishers, one queue group of S members\n"
    "  wild      subscriptions over a wildcard-heavy tree, random subjects\n"
    "  reqrep    closed-loop request/reply: P requesters, S responders\n"
    "  latency   open-loop at --rate, latency from the intended send time\n"
    "  churn     SUB/UNSUB rate\n"
    "  conns     open --conns idle connections: rate, memory per connection\n"
    "  jspub     asynchronous JetStream publishes with an acknowledgement window\n"
    "  jspull    JetStream pull consumer: fetch and acknowledge\n";

}  // namespace

Options parse_options(int argc, char** argv) {
    Options options;
    const std::vector<Flag> flags = {
        {"--host", "server address (default 127.0.0.1)", true, text(options.host)},
        {"--port", "server port (default 4222)", true, number(options.port)},
        {"--sub-port", "pubsub, pairs, queue, wild: port of the server that subscribers connect to",
         true, number(options.subscriber_port)},
        {"--pid", "server process to read CPU and memory of; again for each further one", true,
         another(options.server_pids)},
        {"--tls", "use TLS, without verifying the certificate", false, on(options.tls)},
        {"--user", "user name", true, text(options.user)},
        {"--pass", "password", true, text(options.password)},
        {"--pubs", "publishers / requesters / pairs (default 1)", true, number(options.publishers)},
        {"--subs", "subscribing connections / responders (default 1)", true,
         number(options.subscribers)},
        {"--size", "payload bytes (default 128; suffix k or m)", true,
         number(options.payload_size)},
        {"--headers", "header bytes per message; sends HPUB (default 0)", true,
         number(options.header_size)},
        {"--subject", "subject (prefix) to use", true, text(options.subject)},
        {"--subscriptions", "wild, churn: number of subscriptions", true,
         number(options.subscriptions)},
        {"--subjects", "wild: number of distinct published subjects", true,
         number(options.subjects)},
        {"--exact", "wild: percent of exact subscriptions (default 75)", true,
         number(options.exact_percent)},
        {"--star", "wild: percent with '*' (default 20), the rest '>'", true,
         number(options.star_percent)},
        {"--rate", "latency: messages per second (default 10000)", true, number(options.rate)},
        {"--outstanding", "reqrep: requests in flight per requester", true,
         number(options.outstanding)},
        {"--conns", "conns: connections to open (default 1000)", true, number(options.connections)},
        {"--stream", "jspub, jspull: stream name", true, text(options.stream)},
        {"--streams", "jspub: streams that are written in turn (default 1)", true,
         number(options.streams)},
        {"--storage", "jspub, jspull: memory or file", true, text(options.storage)},
        {"--ack-window", "jspub: unacknowledged messages per publisher", true,
         number(options.ack_window)},
        {"--batch", "jspull: messages per fetch (default 256)", true, number(options.fetch_batch)},
        {"--messages", "jspull: messages stored first (default 200000)", true,
         number(options.messages)},
        {"--ack", "jspull: explicit, all or none", true, text(options.ack_policy)},
        {"--settle", "with --sub-port: seconds for interest to spread (default 0.5)", true,
         number(options.settle_seconds)},
        {"--warmup", "seconds before measuring (default 0.5)", true,
         number(options.warmup_seconds)},
        {"--seconds", "seconds measured (default 3)", true, number(options.seconds)},
        {"--threads", "load generator threads (default 1)", true, number(options.threads)},
        {"--chunk", "bytes per publisher write (default 64k)", true, number(options.chunk_bytes)},
        {"--window", "undelivered bytes before publishers pause, 0 = never (default 8m)", true,
         number(options.window_bytes)},
        {"--spin", "latency: poll instead of sleeping between sends", false, on(options.spin)},
        {"--seed", "seed of random choices (default 1)", true, number(options.seed)},
        {"--pin", "run on this CPU only", true, number(options.pin_cpu)},
    };

    auto usage = [&](std::FILE* out) {
        std::fprintf(out, "usage: natsload MODE [options]\n\nmodes:\n%s\noptions:\n", kModes);
        for (const Flag& flag : flags)
            std::fprintf(out, "  %-16s %s\n", flag.name, flag.help);
    };

    if (argc < 2 || std::strcmp(argv[1], "--help") == 0 || std::strcmp(argv[1], "-h") == 0) {
        usage(argc < 2 ? stderr : stdout);
        std::exit(argc < 2 ? 2 : 0);
    }
    options.mode = argv[1];
    for (int i = 2; i < argc; ++i) {
        Flag const* found = nullptr;
        for (Flag const& flag : flags) {
            if (std::strcmp(flag.name, argv[i]) == 0)
                found = &flag;
        }
        if (found == nullptr || (found->takes_value && i + 1 >= argc)) {
            std::fprintf(stderr, "natsload: bad option '%s'\n", argv[i]);
            usage(stderr);
            std::exit(2);
        }
        found->apply(found->takes_value ? argv[++i] : "");
    }
    return options;
}

}  // namespace natsload
