// Mode churn: every connection keeps subscribing to and unsubscribing from a
// batch of subjects, with a PING/PONG after each batch. --subscriptions standing
// subscriptions on another connection keep the server's table populated.

#include "connection.h"
#include "frames.h"
#include "modes.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

namespace natsload {
namespace {

constexpr int kBatch = 256;

struct Churner {
    Connection connection;
    FrameCounter counter;
    std::string batch;
    std::uint64_t rounds = 0;
};

std::string churn_batch(std::string const& prefix) {
    std::string batch;
    for (int i = 0; i < kBatch; ++i) {
        char const* shape = i % 4 == 3 ? ".*" : "";
        batch += "SUB " + prefix + "." + std::to_string(i) + shape + " " + std::to_string(i + 1) +
                 "\r\n";
    }
    for (int i = 0; i < kBatch; ++i)
        batch += "UNSUB " + std::to_string(i + 1) + "\r\n";
    return batch + "PING\r\n";
}

}  // namespace

void run_churn(Options const& options, Report& report) {
    int const epoll = epoll_create1(EPOLL_CLOEXEC);
    Connection standing = Connection::open(options);
    std::string subscriptions;
    for (int i = 0; i < options.subscriptions; ++i) {
        subscriptions += "SUB " + options.subject + ".standing." + std::to_string(i % 100) + "." +
                         std::to_string(i) + " " + std::to_string(i + 1) + "\r\n";
    }
    standing.write_all(subscriptions);
    standing.barrier();

    std::vector<std::unique_ptr<Churner>> churners;
    for (int i = 0; i < options.publishers; ++i) {
        auto churner = std::make_unique<Churner>();
        churner->connection = Connection::open(options);
        churner->batch = churn_batch(options.subject + ".churn" + std::to_string(i));
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = churner.get();
        epoll_ctl(epoll, EPOLL_CTL_ADD, churner->connection.fd(), &event);
        churner->connection.write_all(churner->batch);
        churners.push_back(std::move(churner));
    }

    const std::int64_t measure_at =
        now_nanos() + static_cast<std::int64_t>(options.warmup_seconds * 1e9);
    const std::int64_t end_at = measure_at + static_cast<std::int64_t>(options.seconds * 1e9);
    std::uint64_t batches = 0;
    bool measuring = false;
    ProcessSample begin;
    std::vector<epoll_event> events(64);
    std::vector<char> buffer(64 * 1024);
    for (std::int64_t now = now_nanos(); now < end_at; now = now_nanos()) {
        if (!measuring && now >= measure_at) {
            measuring = true;
            batches = 0;
            begin = sample_processes(options.server_pids);
        }
        int const count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 100);
        for (int i = 0; i < count; ++i) {
            Churner& churner = *static_cast<Churner*>(events[static_cast<std::size_t>(i)].data.ptr);
            const ssize_t bytes = churner.connection.read(buffer.data(), buffer.size());
            if (bytes <= 0) {
                if (bytes < 0 && (errno == EAGAIN || errno == EINTR))
                    continue;
                fail("server closed a connection: " + churner.counter.error());
            }
            churner.counter.feed(buffer.data(), static_cast<std::size_t>(bytes));
            if (churner.counter.take_pings() > 0)
                churner.connection.write_all("PONG\r\n");
            if (churner.counter.pongs() > churner.rounds) {
                ++churner.rounds;
                ++batches;
                churner.connection.write_all(churner.batch);
            }
        }
    }
    const ProcessSample end = sample_processes(options.server_pids);
    ::close(epoll);
    report.add_window(begin, end, static_cast<double>(batches) * kBatch * 2);
}

}  // namespace natsload
