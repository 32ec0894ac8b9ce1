// Mode reqrep: requesters keep --outstanding requests in flight, responders echo.
// Every request has a fresh reply subject under the requester's inbox wildcard,
// as client libraries do.

#include "connection.h"
#include "frames.h"
#include "modes.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

namespace natsload {
namespace {

struct Peer {
    Connection connection;
    MessageParser parser{64 * 1024};
    std::string outgoing;
    bool requester = false;
    std::string inbox;
    std::uint64_t next_request = 0;
    std::vector<std::int64_t> sent_at;
};

void flush(Peer& peer) {
    if (peer.outgoing.empty())
        return;
    peer.connection.write_all(peer.outgoing);
    peer.outgoing.clear();
}

}  // namespace

void run_roundtrip(Options const& options, Report& report) {
    int const epoll = epoll_create1(EPOLL_CLOEXEC);
    const std::string payload(options.payload_size, 'x');
    const std::string headers =
        options.header_size > 0 ? header_block(options.header_size) : std::string();
    std::vector<std::unique_ptr<Peer>> peers;

    auto const add_peer = [&](bool requester, std::string const& subscription) -> Peer& {
        auto peer = std::make_unique<Peer>();
        peer->requester = requester;
        peer->connection = Connection::open(options);
        peer->connection.write_all(subscription);
        peer->connection.barrier();
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = peer.get();
        epoll_ctl(epoll, EPOLL_CTL_ADD, peer->connection.fd(), &event);
        peers.push_back(std::move(peer));
        return *peers.back();
    };
    for (int i = 0; i < options.subscribers; ++i)
        add_peer(false, "SUB " + options.subject + " responders 1\r\n");
    for (int i = 0; i < options.publishers; ++i) {
        const std::string inbox = "_INBOX.natsload" + std::to_string(i) + ".";
        Peer& peer = add_peer(true, "SUB " + inbox + "* 1\r\n");
        peer.inbox = inbox;
        peer.sent_at.resize(static_cast<std::size_t>(options.outstanding) * 4 + 64);
    }

    auto const request = [&](Peer& peer) {
        peer.sent_at[peer.next_request % peer.sent_at.size()] = now_nanos();
        append_publish(peer.outgoing, options.subject,
                       peer.inbox + std::to_string(peer.next_request), headers, payload);
        ++peer.next_request;
    };

    Histogram latencies;
    bool measuring = false;
    std::uint64_t completed = 0;
    const std::int64_t started = now_nanos();
    auto const measure_at = started + static_cast<std::int64_t>(options.warmup_seconds * 1e9);
    auto const end_at = measure_at + static_cast<std::int64_t>(options.seconds * 1e9);
    ProcessSample begin;

    for (auto& peer : peers) {
        if (!peer->requester)
            continue;
        for (int i = 0; i < options.outstanding; ++i)
            request(*peer);
        flush(*peer);
    }

    std::vector<epoll_event> events(256);
    for (std::int64_t now = started; now < end_at;) {
        int const count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 1'000);
        if (count == 0)
            fail("no reply within a second");
        for (int i = 0; i < count; ++i) {
            Peer& peer = *static_cast<Peer*>(events[static_cast<std::size_t>(i)].data.ptr);
            char* into = peer.parser.writable();
            const ssize_t received = peer.connection.read(into, peer.parser.capacity());
            if (received <= 0) {
                if (received < 0 && (errno == EAGAIN || errno == EINTR))
                    continue;
                fail("server closed a connection: " + peer.parser.error());
            }
            peer.parser.wrote(static_cast<std::size_t>(received));
            now = now_nanos();
            peer.parser.parse([&](Message const& message) {
                if (!peer.requester) {
                    append_publish(peer.outgoing, message.reply, {}, message.headers,
                                   message.payload);
                    return;
                }
                const std::uint64_t id = trailing_number(message.subject);
                if (message.payload.size() != payload.size())
                    fail("unexpected reply (no responders?)");
                ++completed;
                if (measuring)
                    latencies.record(now - peer.sent_at[id % peer.sent_at.size()]);
                request(peer);
            });
            if (peer.parser.take_pings() > 0)
                peer.outgoing += "PONG\r\n";
            flush(peer);
        }
        if (!measuring && now >= measure_at) {
            measuring = true;
            begin = sample_processes(options.server_pids);
            completed = 0;
        }
    }
    const ProcessSample end = sample_processes(options.server_pids);
    ::close(epoll);
    report.add_window(begin, end, static_cast<double>(completed));
    report.add_latencies(latencies);
}

}  // namespace natsload
