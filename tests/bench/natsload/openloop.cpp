// Mode latency: messages leave on a fixed schedule whatever the server does, and
// latency counts from the scheduled time, so a stall is charged to every message
// it delayed (no coordinated omission).

#include "connection.h"
#include "frames.h"
#include "modes.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace natsload {
namespace {

struct Receiver {
    Connection connection;
    MessageParser parser;
    bool subscriber = false;
    std::string outgoing;
};

}  // namespace

void run_open_loop(Options const& options, Report& report) {
    if (options.payload_size < sizeof(std::int64_t))
        fail("latency needs --size 8 or more");
    if (options.rate <= 0)
        fail("latency needs a --rate above zero");
    int const epoll = epoll_create1(EPOLL_CLOEXEC);
    std::vector<std::unique_ptr<Receiver>> receivers;
    std::vector<Receiver*> publishers;
    auto const add = [&](bool subscriber) {
        auto receiver = std::make_unique<Receiver>();
        receiver->connection = Connection::open(options);
        receiver->subscriber = subscriber;
        if (subscriber) {
            receiver->connection.write_all("SUB " + options.subject + " 1\r\n");
            receiver->connection.barrier();
        } else {
            publishers.push_back(receiver.get());
        }
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = receiver.get();
        epoll_ctl(epoll, EPOLL_CTL_ADD, receiver->connection.fd(), &event);
        receivers.push_back(std::move(receiver));
    };
    for (int i = 0; i < options.subscribers; ++i)
        add(true);
    for (int i = 0; i < options.publishers; ++i)
        add(false);

    std::string frame;
    const std::string headers =
        options.header_size > 0 ? header_block(options.header_size) : std::string();
    append_publish(frame, options.subject, {}, headers, std::string(options.payload_size, 'x'));
    const std::size_t stamp_offset = frame.size() - 2 - options.payload_size;

    double const interval = 1e9 / options.rate;
    const std::int64_t started = now_nanos() + 1'000'000;
    auto const measure_at = started + static_cast<std::int64_t>(options.warmup_seconds * 1e9);
    auto const end_at = measure_at + static_cast<std::int64_t>(options.seconds * 1e9);
    const std::int64_t give_up_at = end_at + 2'000'000'000;

    Histogram latencies;
    std::uint64_t sent = 0, received = 0, measured = 0;
    bool measuring = false;
    ProcessSample begin, end;
    bool ended = false;
    std::vector<epoll_event> events(256);

    for (;;) {
        std::int64_t now = now_nanos();
        if (!measuring && now >= measure_at) {
            measuring = true;
            begin = sample_processes(options.server_pids);
        }
        if (!ended && now >= end_at) {
            ended = true;
            end = sample_processes(options.server_pids);
        }
        if (ended && (received >= sent * static_cast<std::uint64_t>(options.subscribers) ||
                      now > give_up_at))
            break;

        std::int64_t due = 0;
        while (!ended) {
            due = started + static_cast<std::int64_t>(static_cast<double>(sent) * interval);
            if (due > now || due >= end_at)
                break;
            Receiver& publisher = *publishers[sent % publishers.size()];
            std::memcpy(frame.data() + stamp_offset, &due, sizeof due);
            publisher.outgoing += frame;
            ++sent;
            if (publisher.outgoing.size() > 256 * 1024)
                break;
        }
        for (Receiver* publisher : publishers) {
            if (publisher->outgoing.empty())
                continue;
            // A full socket keeps its backlog; the schedule goes on regardless.
            const ssize_t count =
                publisher->connection.write(publisher->outgoing.data(), publisher->outgoing.size());
            if (count > 0)
                publisher->outgoing.erase(0, static_cast<std::size_t>(count));
            else if (count < 0 && errno != EAGAIN && errno != EINTR)
                fail("server closed a publisher");
        }

        timespec timeout{0, 0};
        if (!options.spin) {
            const std::int64_t wait =
                ended ? 1'000'000 : std::clamp<std::int64_t>(due - now_nanos(), 0, 1'000'000);
            timeout.tv_nsec = wait;
        }
        int const count =
            epoll_pwait2(epoll, events.data(), static_cast<int>(events.size()), &timeout, nullptr);
        for (int i = 0; i < count; ++i) {
            Receiver& receiver =
                *static_cast<Receiver*>(events[static_cast<std::size_t>(i)].data.ptr);
            char* into = receiver.parser.writable();
            const ssize_t bytes = receiver.connection.read(into, receiver.parser.capacity());
            if (bytes <= 0) {
                if (bytes < 0 && (errno == EAGAIN || errno == EINTR))
                    continue;
                fail("server closed a connection: " + receiver.parser.error());
            }
            receiver.parser.wrote(static_cast<std::size_t>(bytes));
            now = now_nanos();
            receiver.parser.parse([&](Message const& message) {
                std::int64_t scheduled = 0;
                std::memcpy(&scheduled, message.payload.data(), sizeof scheduled);
                ++received;
                if (scheduled >= measure_at) {
                    latencies.record(now - scheduled);
                    ++measured;
                }
            });
            if (receiver.parser.take_pings() > 0) {
                if (receiver.subscriber)
                    receiver.connection.write_all("PONG\r\n");
                else
                    receiver.outgoing += "PONG\r\n";
            }
        }
    }
    ::close(epoll);
    report.add("rate", options.rate);
    report.add("lost", static_cast<std::int64_t>(
                           sent * static_cast<std::uint64_t>(options.subscribers) - received));
    report.add_window(begin, end, static_cast<double>(measured));
    report.add_latencies(latencies);
}

}  // namespace natsload
