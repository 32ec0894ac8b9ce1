// Modes jspub and jspull: JetStream through the raw protocol and its JSON API.

#include "connection.h"
#include "frames.h"
#include "modes.h"

#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <memory>

namespace natsload {
namespace {

// One request at a time to the JetStream API.
class ApiClient {
public:
    explicit ApiClient(Options const& options) : connection_(Connection::open(options)) {
        connection_.write_all("SUB _INBOX.natsload.api.* 1\r\n");
    }

    std::string request(std::string const& subject, std::string const& json) {
        std::string frame;
        append_publish(frame, subject, "_INBOX.natsload.api." + std::to_string(++requests_), {},
                       json);
        connection_.write_all(frame);
        std::string reply;
        bool answered = false;
        const std::int64_t give_up_at = now_nanos() + 10'000'000'000;
        while (!answered) {
            if (now_nanos() > give_up_at)
                fail("no answer to " + subject);
            pollfd wait{connection_.fd(), POLLIN, 0};
            ::poll(&wait, 1, 1'000);
            char* into = parser_.writable();
            const ssize_t bytes = connection_.read(into, parser_.capacity());
            if (bytes == 0)
                fail("server closed the API connection");
            if (bytes < 0)
                continue;
            parser_.wrote(static_cast<std::size_t>(bytes));
            parser_.parse([&](Message const& message) {
                if (trailing_number(message.subject) != requests_)
                    return;
                answered = true;
                reply = message.payload;
                if (reply.empty() && message.headers.find("503") != std::string_view::npos)
                    fail("JetStream is not enabled");
            });
            if (parser_.take_pings() > 0)
                connection_.write_all("PONG\r\n");
        }
        return reply;
    }

    void must_succeed(std::string const& subject, std::string const& json) {
        const std::string reply = request(subject, json);
        if (reply.find("\"error\"") != std::string::npos)
            fail(subject + ": " + reply);
    }

private:
    Connection connection_;
    MessageParser parser_;
    std::uint64_t requests_ = 0;
};

// Where stream `index` keeps what is published below.
std::string subject_of(Options const& options, int index) {
    return options.subject + ".s" + std::to_string(index);
}

std::string name_of(Options const& options, int index) {
    return index == 0 ? options.stream : options.stream + std::to_string(index);
}

void delete_streams(ApiClient& api, Options const& options) {
    for (int i = 0; i < options.streams; ++i)
        api.request("$JS.API.STREAM.DELETE." + name_of(options, i), "");
}

void recreate_streams(ApiClient& api, Options const& options) {
    delete_streams(api, options);
    for (int i = 0; i < options.streams; ++i) {
        std::string const name = name_of(options, i);
        api.must_succeed(
            "$JS.API.STREAM.CREATE." + name,
            R"({"name":")" + name + R"(","subjects":[")" + subject_of(options, i) +
                R"(.>"],"retention":"limits","max_consumers":-1,"max_msgs":-1,"max_bytes":-1,"max_age":0,"storage":")" +
                options.storage + R"(","num_replicas":1,"discard":"old"})");
    }
}

struct JetStreamPublisher {
    Connection connection;
    MessageParser parser;
    std::string frames;  // equal in number to the acknowledgement window
    std::vector<std::size_t> frame_ends;
    std::vector<std::int64_t> sent_at;
    std::string backlog;  // bytes the socket did not take yet
    std::uint64_t sent = 0;
    std::uint64_t acknowledged = 0;
};

// Publishes with a window of unacknowledged messages per publisher until `limit`
// messages are acknowledged or `keep_going` says stop.
class PublishLoad {
public:
    explicit PublishLoad(Options const& options)
        : options_(options), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
        const std::string payload(options.payload_size, 'x');
        const std::string headers =
            options.header_size > 0 ? header_block(options.header_size) : std::string();
        for (int i = 0; i < options.publishers; ++i) {
            auto publisher = std::make_unique<JetStreamPublisher>();
            const std::string inbox = "_INBOX.natsload" + std::to_string(i) + ".";
            publisher->connection = Connection::open(options);
            publisher->connection.write_all("SUB " + inbox + "* 1\r\n");
            publisher->connection.barrier();
            for (int frame = 0; frame < options.ack_window; ++frame) {
                append_publish(
                    publisher->frames,
                    subject_of(options, frame % options.streams) + ".p" + std::to_string(i),
                    inbox + std::to_string(frame), headers, payload);
                publisher->frame_ends.push_back(publisher->frames.size());
            }
            publisher->sent_at.resize(static_cast<std::size_t>(options.ack_window));
            epoll_event event{};
            event.events = EPOLLIN | EPOLLOUT | EPOLLET;
            event.data.ptr = publisher.get();
            epoll_ctl(epoll_, EPOLL_CTL_ADD, publisher->connection.fd(), &event);
            publishers_.push_back(std::move(publisher));
        }
    }
    ~PublishLoad() { ::close(epoll_); }

    std::uint64_t acknowledged() const { return acknowledged_; }
    Histogram& latencies() { return latencies_; }

    // `tick` runs about every millisecond or batch; returning false ends the run.
    void run(std::uint64_t limit, std::function<bool()> const& tick) {
        std::uint64_t started = 0;
        for (auto& publisher : publishers_)
            publisher->sent = publisher->acknowledged = 0;
        acknowledged_ = 0;
        std::vector<epoll_event> events(64);
        std::int64_t last_progress = now_nanos();
        bool stopping = false;
        for (;;) {
            if (!stopping && !tick())
                stopping = true;
            if (acknowledged_ >= limit || (stopping && acknowledged_ == started))
                return;
            for (auto& publisher : publishers_) {
                if (!stopping)
                    started += send(*publisher, limit - std::min(limit, started));
                drain(*publisher);
            }
            int const count =
                epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 100);
            for (int i = 0; i < count; ++i) {
                if (receive(*static_cast<JetStreamPublisher*>(
                        events[static_cast<std::size_t>(i)].data.ptr))) {
                    last_progress = now_nanos();
                }
            }
            if (now_nanos() - last_progress > 10'000'000'000)
                fail("no acknowledgement for ten seconds");
        }
    }

private:
    std::uint64_t send(JetStreamPublisher& publisher, std::uint64_t limit) {
        if (!publisher.backlog.empty())
            return 0;
        auto const window = static_cast<std::uint64_t>(options_.ack_window);
        std::uint64_t room = std::min(limit, window - (publisher.sent - publisher.acknowledged));
        const std::int64_t now = room > 0 ? now_nanos() : 0;
        std::uint64_t count = 0;
        while (room > 0) {  // at most twice: up to the end of the ring, then from its start
            const std::uint64_t first = publisher.sent % window;
            const std::uint64_t run = std::min(room, window - first);
            const std::size_t from = first > 0 ? publisher.frame_ends[first - 1] : 0;
            publisher.backlog.append(publisher.frames, from,
                                     publisher.frame_ends[first + run - 1] - from);
            for (std::uint64_t i = first; i < first + run; ++i)
                publisher.sent_at[i] = now;
            publisher.sent += run;
            room -= run;
            count += run;
        }
        return count;
    }

    static void drain(JetStreamPublisher& publisher) {
        if (publisher.backlog.empty())
            return;
        const ssize_t count =
            publisher.connection.write(publisher.backlog.data(), publisher.backlog.size());
        if (count > 0)
            publisher.backlog.erase(0, static_cast<std::size_t>(count));
        else if (errno != EAGAIN && errno != EINTR)
            fail(std::string("write: ") + std::strerror(errno));
    }

    bool receive(JetStreamPublisher& publisher) {
        bool progress = false;
        for (;;) {
            char* into = publisher.parser.writable();
            const ssize_t bytes = publisher.connection.read(into, publisher.parser.capacity());
            if (bytes < 0 && (errno == EAGAIN || errno == EINTR))
                break;
            if (bytes <= 0)
                fail("server closed a publisher: " + publisher.parser.error());
            publisher.parser.wrote(static_cast<std::size_t>(bytes));
            const std::int64_t now = now_nanos();
            publisher.parser.parse([&](Message const& message) {
                if (message.payload.find("\"seq\"") == std::string_view::npos) {
                    fail("publish not acknowledged: " + std::string(message.payload) +
                         std::string(message.headers));
                }
                latencies_.record(
                    now - publisher.sent_at[publisher.acknowledged % publisher.sent_at.size()]);
                ++publisher.acknowledged;
                ++acknowledged_;
                progress = true;
            });
            if (publisher.parser.take_pings() > 0)
                publisher.backlog += "PONG\r\n";
        }
        return progress;
    }

    Options const& options_;
    int epoll_;
    std::vector<std::unique_ptr<JetStreamPublisher>> publishers_;
    std::uint64_t acknowledged_ = 0;
    Histogram latencies_;
};

struct Puller {
    Connection connection;
    MessageParser parser{1024 * 1024};
    std::string inbox;
    std::string outgoing;
    std::int64_t requested = 0;  // messages asked for and not yet delivered
    std::uint64_t fetches = 0;
};

}  // namespace

void run_jet_stream_publish(Options const& options, Report& report) {
    ApiClient api(options);
    recreate_streams(api, options);
    PublishLoad load(options);
    const std::int64_t measure_at =
        now_nanos() + static_cast<std::int64_t>(options.warmup_seconds * 1e9);
    const std::int64_t end_at = measure_at + static_cast<std::int64_t>(options.seconds * 1e9);
    bool measuring = false;
    std::uint64_t acknowledged_before = 0, acknowledged_after = 0;
    ProcessSample begin, end;
    load.run(UINT64_MAX, [&] {
        const std::int64_t now = now_nanos();
        if (!measuring && now >= measure_at) {
            measuring = true;
            load.latencies().clear();
            acknowledged_before = load.acknowledged();
            begin = sample_processes(options.server_pids);
        }
        if (now < end_at)
            return true;
        acknowledged_after = load.acknowledged();
        end = sample_processes(options.server_pids);
        return false;
    });
    delete_streams(api, options);
    report.add("storage", options.storage);
    report.add_window(begin, end, static_cast<double>(acknowledged_after - acknowledged_before));
    report.add_latencies(load.latencies());
}

void run_jet_stream_pull(Options const& options, Report& report) {
    ApiClient api(options);
    recreate_streams(api, options);
    PublishLoad(options).run(static_cast<std::uint64_t>(options.messages), [] { return true; });
    const std::string consumer = "PULL";
    api.must_succeed(
        "$JS.API.CONSUMER.DURABLE.CREATE." + options.stream + "." + consumer,
        R"({"stream_name":")" + options.stream + R"(","config":{"durable_name":")" + consumer +
            R"(","deliver_policy":"all","ack_policy":")" + options.ack_policy +
            R"(","ack_wait":30000000000,"max_deliver":-1,"max_ack_pending":100000,"replay_policy":"instant"}})");

    int const epoll = epoll_create1(EPOLL_CLOEXEC);
    std::vector<std::unique_ptr<Puller>> pullers;
    for (int i = 0; i < options.subscribers; ++i) {
        auto puller = std::make_unique<Puller>();
        puller->connection = Connection::open(options);
        puller->inbox = "_INBOX.natsload.pull" + std::to_string(i) + ".";
        puller->connection.write_all("SUB " + puller->inbox + "* 1\r\n");
        puller->connection.barrier();
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = puller.get();
        epoll_ctl(epoll, EPOLL_CTL_ADD, puller->connection.fd(), &event);
        pullers.push_back(std::move(puller));
    }

    const std::string next_subject = "$JS.API.CONSUMER.MSG.NEXT." + options.stream + "." + consumer;
    const std::string next_request =
        R"({"batch":)" + std::to_string(options.fetch_batch) + R"(,"expires":5000000000})";
    auto const top_up = [&](Puller& puller) {
        while (puller.requested <= options.fetch_batch) {  // one fetch ahead
            append_publish(puller.outgoing, next_subject,
                           puller.inbox + std::to_string(puller.fetches++), {}, next_request);
            puller.requested += options.fetch_batch;
        }
        if (puller.outgoing.empty())
            return;
        puller.connection.write_all(puller.outgoing);
        puller.outgoing.clear();
    };

    bool const acknowledge = options.ack_policy != "none";
    bool const acknowledge_each = options.ack_policy == "explicit";
    const ProcessSample begin = sample_processes(options.server_pids);
    const std::int64_t end_at = now_nanos() + static_cast<std::int64_t>(options.seconds * 1e9);
    std::int64_t delivered = 0;
    for (auto& puller : pullers)
        top_up(*puller);
    epoll_event events[64];
    while (delivered < options.messages && now_nanos() < end_at) {
        int const count = epoll_wait(epoll, events, 64, 1'000);
        for (int i = 0; i < count; ++i) {
            Puller& puller = *static_cast<Puller*>(events[i].data.ptr);
            char* into = puller.parser.writable();
            const ssize_t bytes = puller.connection.read(into, puller.parser.capacity());
            if (bytes <= 0) {
                if (bytes < 0 && (errno == EAGAIN || errno == EINTR))
                    continue;
                fail("server closed a puller: " + puller.parser.error());
            }
            puller.parser.wrote(static_cast<std::size_t>(bytes));
            std::string last_reply;
            puller.parser.parse([&](Message const& message) {
                if (message.reply.empty()) {  // a status: the fetch ended early
                    puller.requested = 0;
                    return;
                }
                ++delivered;
                --puller.requested;
                if (acknowledge_each)
                    append_publish(puller.outgoing, message.reply, {}, {}, "+ACK");
                else if (acknowledge)
                    last_reply = message.reply;
            });
            if (!last_reply.empty())
                append_publish(puller.outgoing, last_reply, {}, {}, "+ACK");
            if (puller.parser.take_pings() > 0)
                puller.outgoing += "PONG\r\n";
            top_up(puller);
        }
    }
    for (auto& puller : pullers)
        puller->connection.write_all("PING\r\n");  // acknowledgements are on their way
    const ProcessSample end = sample_processes(options.server_pids);
    ::close(epoll);
    delete_streams(api, options);
    report.add("storage", options.storage);
    report.add_window(begin, end, static_cast<double>(delivered));
}

}  // namespace natsload
