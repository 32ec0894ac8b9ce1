// Modes pub, pubsub, pairs, queue and wild: publishers write pre-built frames as
// fast as the server takes them, subscribers count what arrives.
//
// Publishers pause while more than --window bytes are undelivered, so a server
// slower than its publishers is measured at its lossless rate instead of being
// pushed into dropping slow consumers.

#include "connection.h"
#include "frames.h"
#include "modes.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <random>
#include <thread>

namespace natsload {
namespace {

// A run of whole frames, written over and over.
struct FrameRing {
    std::string bytes;
    std::vector<std::size_t> frame_ends;      // byte offset after each frame
    std::vector<std::uint64_t> delivered_by;  // deliveries caused by frames 0..i
};

struct Plan {
    std::vector<std::shared_ptr<const FrameRing>> publishers;
    std::vector<std::string> subscribers;  // SUB lines of each connection
    double deliveries_per_message = 0;
};

// Subscriptions and subjects of mode wild: three tokens of `width` values each.
class SubjectTree {
public:
    SubjectTree(std::string prefix, int subjects) : prefix_(std::move(prefix)) {
        while (width_ * width_ * width_ < subjects)
            ++width_;
        auto const width = static_cast<std::size_t>(width_);
        exactCount_.assign(width * width * width, 0);
        starCount_.assign(width * width, 0);
        tailCount_.assign(width * width, 0);
    }

    struct Leaf {
        int a, b, c;
    };
    Leaf random_leaf(std::mt19937_64& random) const {
        auto const pick = [&] {
            return static_cast<int>(random() % static_cast<std::uint64_t>(width_));
        };
        return {pick(), pick(), pick()};
    }
    std::string subject(Leaf const& leaf) const {
        return prefix_ + ".region" + std::to_string(leaf.a) + ".site" + std::to_string(leaf.b) +
               ".sensor" + std::to_string(leaf.c);
    }

    std::string exact(Leaf const& leaf) {
        ++exactCount_[index(leaf)];
        return subject(leaf);
    }
    std::string star(Leaf const& leaf) {  // any site
        ++starCount_[static_cast<std::size_t>(leaf.a * width_ + leaf.c)];
        return prefix_ + ".region" + std::to_string(leaf.a) + ".*.sensor" + std::to_string(leaf.c);
    }
    std::string tail(Leaf const& leaf) {  // everything of a site
        ++tailCount_[static_cast<std::size_t>(leaf.a * width_ + leaf.b)];
        return prefix_ + ".region" + std::to_string(leaf.a) + ".site" + std::to_string(leaf.b) +
               ".>";
    }
    std::uint64_t matches(Leaf const& leaf) const {
        return exactCount_[index(leaf)] +
               starCount_[static_cast<std::size_t>(leaf.a * width_ + leaf.c)] +
               tailCount_[static_cast<std::size_t>(leaf.a * width_ + leaf.b)];
    }

private:
    std::size_t index(Leaf const& leaf) const {
        return static_cast<std::size_t>((leaf.a * width_ + leaf.b) * width_ + leaf.c);
    }
    std::string prefix_;
    int width_ = 1;
    std::vector<std::uint64_t> exactCount_, starCount_, tailCount_;
};

void append_frame(FrameRing& ring, Options const& options, std::string_view subject,
                  std::string const& payload, std::uint64_t deliveries) {
    static const std::string headers =
        options.header_size > 0 ? header_block(options.header_size) : std::string();
    append_publish(ring.bytes, subject, {}, headers, payload);
    ring.frame_ends.push_back(ring.bytes.size());
    ring.delivered_by.push_back((ring.delivered_by.empty() ? 0 : ring.delivered_by.back()) +
                                deliveries);
}

std::shared_ptr<const FrameRing> uniform_ring(Options const& options, std::string const& subject,
                                              std::uint64_t deliveries) {
    auto ring = std::make_shared<FrameRing>();
    const std::string payload(options.payload_size, 'x');
    do {
        append_frame(*ring, options, subject, payload, deliveries);
    } while (ring->bytes.size() < 256 * 1024);
    return ring;
}

Plan plan_for(Options const& options) {
    Plan plan;
    int const publishers = options.publishers;
    int const subscribers = options.subscribers;
    if (options.mode == "pub") {
        for (int i = 0; i < publishers; ++i)
            plan.publishers.push_back(uniform_ring(options, options.subject, 0));
    } else if (options.mode == "pubsub" || options.mode == "queue") {
        bool const queue = options.mode == "queue";
        const std::uint64_t deliveries = queue ? 1 : static_cast<std::uint64_t>(subscribers);
        auto const ring = uniform_ring(options, options.subject, deliveries);
        plan.publishers.assign(static_cast<std::size_t>(publishers), ring);
        for (int i = 0; i < subscribers; ++i) {
            plan.subscribers.push_back("SUB " + options.subject + (queue ? " workers" : "") +
                                       " 1\r\n");
        }
    } else if (options.mode == "pairs") {
        for (int i = 0; i < publishers; ++i) {
            const std::string subject = options.subject + "." + std::to_string(i);
            plan.publishers.push_back(uniform_ring(options, subject, 1));
            plan.subscribers.push_back("SUB " + subject + " 1\r\n");
        }
    } else {  // wild
        std::mt19937_64 random(options.seed);
        SubjectTree tree(options.subject, options.subjects);
        plan.subscribers.resize(static_cast<std::size_t>(subscribers));
        for (int i = 0; i < options.subscriptions; ++i) {
            auto const leaf = tree.random_leaf(random);
            int const kind = static_cast<int>(random() % 100);
            const std::string subject = kind < options.exact_percent ? tree.exact(leaf)
                                        : kind < options.exact_percent + options.star_percent
                                            ? tree.star(leaf)
                                            : tree.tail(leaf);
            plan.subscribers[static_cast<std::size_t>(i % subscribers)] +=
                "SUB " + subject + " " + std::to_string(i + 1) + "\r\n";
        }
        const std::string payload(options.payload_size, 'x');
        for (int i = 0; i < publishers; ++i) {
            auto ring = std::make_shared<FrameRing>();
            // Long enough to visit most subjects, short enough to stay in the cache.
            int const frames = std::clamp(options.subjects * 2, 4'096, 131'072);
            for (int frame = 0; frame < frames && ring->bytes.size() < 64 * 1024 * 1024; ++frame) {
                auto const leaf = tree.random_leaf(random);
                append_frame(*ring, options, tree.subject(leaf), payload, tree.matches(leaf));
            }
            plan.publishers.push_back(std::move(ring));
        }
    }
    for (auto const& ring : plan.publishers) {
        plan.deliveries_per_message += static_cast<double>(ring->delivered_by.back()) /
                                       static_cast<double>(ring->frame_ends.size()) /
                                       static_cast<double>(plan.publishers.size());
    }
    return plan;
}

struct Shared {
    std::atomic<std::uint64_t> received{0};  // messages, by all workers
    std::atomic<std::uint64_t> expected{0};  // deliveries of everything published
    std::atomic<std::uint64_t> published{0};
    std::atomic<bool> stop_publishing{false};
    std::atomic<bool> stop_reading{false};
    std::atomic<int> publishers_busy{0};
    std::uint64_t window_messages = 0;  // 0: unlimited
};

struct Publisher {
    Connection connection;
    std::shared_ptr<const FrameRing> ring;
    std::size_t offset = 0;  // next byte of the ring to write
    std::size_t frame = 0;   // first frame not completely written
    std::uint64_t laps = 0;
    bool writable = true;
    bool pong_owed = false;  // a PING came in the middle of a frame
    bool finished = false;   // no more frames; final PING sent
    bool confirmed = false;  // its PONG arrived
    FrameCounter counter;    // PONGs and errors only

    std::uint64_t messages() const { return laps * ring->frame_ends.size() + frame; }
    std::uint64_t deliveries() const {
        return laps * ring->delivered_by.back() + (frame > 0 ? ring->delivered_by[frame - 1] : 0);
    }
};

struct Subscriber {
    Connection connection;
    FrameCounter counter;
};

class Worker {
public:
    Worker(Options const& options, Shared& shared)
        : options_(options),
          shared_(shared),
          epoll_(epoll_create1(EPOLL_CLOEXEC)),
          buffer_(512 * 1024) {}
    ~Worker() { ::close(epoll_); }

    void add_publisher(std::shared_ptr<const FrameRing> ring) {
        auto publisher = std::make_unique<Publisher>();
        publisher->connection = Connection::open(options_);
        publisher->ring = std::move(ring);
        watch(publisher->connection.fd(), EPOLLIN | EPOLLOUT | EPOLLET,
              publishers_.size() << 1 | 1);
        publishers_.push_back(std::move(publisher));
        ++shared_.publishers_busy;
    }

    void add_subscriber(std::string const& subscriptions) {
        auto subscriber = std::make_unique<Subscriber>();
        Options there = options_;
        if (options_.subscriber_port != 0)
            there.port = options_.subscriber_port;
        subscriber->connection = Connection::open(there);
        subscriber->connection.set_blocking(true);
        subscriber->connection.write_all(subscriptions);
        subscriber->connection.barrier();
        subscriber->connection.set_blocking(false);
        watch(subscriber->connection.fd(), EPOLLIN, subscribers_.size() << 1);
        subscribers_.push_back(std::move(subscriber));
    }

    void run() {
        std::vector<epoll_event> events(256);
        while (!shared_.stop_reading.load(std::memory_order_relaxed)) {
            bool const can_write = publish_round();
            int const count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()),
                                         can_write ? 0 : 1);
            for (int i = 0; i < count; ++i) {
                const std::size_t index = events[static_cast<std::size_t>(i)].data.u64 >> 1;
                if (events[static_cast<std::size_t>(i)].data.u64 & 1) {
                    Publisher& publisher = *publishers_[index];
                    if (events[static_cast<std::size_t>(i)].events & EPOLLOUT)
                        publisher.writable = true;
                    if (events[static_cast<std::size_t>(i)].events & EPOLLIN)
                        read_publisher(publisher);
                } else {
                    read_subscriber(*subscribers_[index]);
                }
            }
        }
    }

private:
    void watch(int fd, std::uint32_t events, std::uint64_t tag) {
        epoll_event event{};
        event.events = events;
        event.data.u64 = tag;
        epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
    }

    bool window_open() const {
        return shared_.window_messages == 0 ||
               shared_.expected.load(std::memory_order_relaxed) <
                   shared_.received.load(std::memory_order_relaxed) + shared_.window_messages;
    }

    // Lets every writable publisher write one chunk. True when another round could
    // write at once.
    bool publish_round() {
        bool again = false;
        for (auto& publisher : publishers_) {
            if (!publisher->writable || publisher->finished)
                continue;
            if (publisher->pong_owed && complete_frame(*publisher)) {
                publisher->connection.write_all("PONG\r\n");
                publisher->pong_owed = false;
            }
            if (shared_.stop_publishing.load(std::memory_order_relaxed)) {
                finish(*publisher);
            } else if (window_open()) {
                write_chunk(*publisher, options_.chunk_bytes);
                again |= publisher->writable;
            }
        }
        return again;
    }

    void write_chunk(Publisher& publisher, std::size_t limit) {
        FrameRing const& ring = *publisher.ring;
        const std::size_t size = std::min(std::max(limit, publisher.connection.retry_size()),
                                          ring.bytes.size() - publisher.offset);
        const ssize_t count =
            publisher.connection.write(ring.bytes.data() + publisher.offset, size);
        if (count < 0) {
            if (errno != EAGAIN && errno != EINTR)
                fail(std::string("publisher write: ") + std::strerror(errno));
            publisher.writable = false;
            return;
        }
        if (static_cast<std::size_t>(count) < size && !publisher.connection.is_tls())
            publisher.writable = false;
        const std::uint64_t messages_before = publisher.messages();
        const std::uint64_t deliveries_before = publisher.deliveries();
        publisher.offset += static_cast<std::size_t>(count);
        publisher.frame = static_cast<std::size_t>(
            std::upper_bound(ring.frame_ends.begin() + static_cast<std::ptrdiff_t>(publisher.frame),
                             ring.frame_ends.end(), publisher.offset) -
            ring.frame_ends.begin());
        if (publisher.offset == ring.bytes.size()) {
            publisher.offset = 0;
            publisher.frame = 0;
            ++publisher.laps;
        }
        shared_.published.fetch_add(publisher.messages() - messages_before,
                                    std::memory_order_relaxed);
        shared_.expected.fetch_add(publisher.deliveries() - deliveries_before,
                                   std::memory_order_relaxed);
    }

    // Writes the rest of the frame under way; true when between two frames.
    bool complete_frame(Publisher& publisher) {
        if (!between_frames(publisher)) {
            write_chunk(publisher, publisher.ring->frame_ends[publisher.frame] - publisher.offset);
        }
        return between_frames(publisher);
    }

    void finish(Publisher& publisher) {
        if (!complete_frame(publisher))
            return;
        publisher.connection.write_all("PING\r\n");
        publisher.finished = true;
    }

    void read_publisher(Publisher& publisher) {
        for (;;) {
            const ssize_t count = publisher.connection.read(buffer_.data(), buffer_.size());
            if (count <= 0) {
                if (count < 0 && (errno == EAGAIN || errno == EINTR))
                    return;
                fail("server closed a publisher: " + publisher.counter.error());
            }
            publisher.counter.feed(buffer_.data(), static_cast<std::size_t>(count));
            if (publisher.counter.take_pings() > 0)
                publisher.pong_owed = true;
            if (publisher.finished && !publisher.confirmed && publisher.counter.pongs() > 0) {
                publisher.confirmed = true;
                --shared_.publishers_busy;
            }
        }
    }

    static bool between_frames(Publisher const& publisher) {
        if (publisher.connection.retry_size() > 0)
            return false;
        return publisher.offset == 0 ||
               (publisher.frame > 0 &&
                publisher.ring->frame_ends[publisher.frame - 1] == publisher.offset);
    }

    void read_subscriber(Subscriber& subscriber) {
        constexpr std::size_t kWorthDropping = 8 * 1024;
        const std::uint64_t before = subscriber.counter.messages();
        // Headers of big messages are read in small pieces and their bodies dropped
        // inside the kernel, which halves the work of receiving them.
        bool const drop_bodies =
            options_.payload_size >= kWorthDropping && !subscriber.connection.is_tls();
        for (int round = 0; round < 8; ++round) {
            const std::size_t body = subscriber.counter.remaining_body();
            bool const drop = drop_bodies && body > 0;
            const std::size_t capacity = drop ? body : drop_bodies ? 256 : buffer_.size();
            const ssize_t count = drop ? subscriber.connection.discard(capacity)
                                       : subscriber.connection.read(buffer_.data(), capacity);
            if (count <= 0) {
                if (count < 0 && (errno == EAGAIN || errno == EINTR))
                    break;
                fail("server closed a subscriber: " + subscriber.counter.error());
            }
            if (drop) {
                subscriber.counter.body_dropped(static_cast<std::size_t>(count));
            } else {
                subscriber.counter.feed(buffer_.data(), static_cast<std::size_t>(count));
            }
            if (static_cast<std::size_t>(count) < capacity && !subscriber.connection.is_tls())
                break;
        }
        if (subscriber.counter.take_pings() > 0)
            subscriber.connection.write_all("PONG\r\n");
        shared_.received.fetch_add(subscriber.counter.messages() - before,
                                   std::memory_order_relaxed);
    }

    Options const& options_;
    Shared& shared_;
    int epoll_;
    std::vector<char> buffer_;
    std::vector<std::unique_ptr<Publisher>> publishers_;
    std::vector<std::unique_ptr<Subscriber>> subscribers_;
};

void sleep_seconds(double seconds) {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

}  // namespace

void run_throughput(Options const& options, Report& report) {
    const Plan plan = plan_for(options);
    Shared shared;
    const std::size_t frame_bytes =
        options.payload_size + options.header_size + options.subject.size() + 20;
    if (options.window_bytes > 0 && !plan.subscribers.empty()) {
        shared.window_messages = std::max<std::uint64_t>(
            options.window_bytes / frame_bytes,
            static_cast<std::uint64_t>(4 * plan.deliveries_per_message) + 16);
    }

    std::vector<std::unique_ptr<Worker>> workers;
    for (int i = 0; i < std::max(1, options.threads); ++i)
        workers.push_back(std::make_unique<Worker>(options, shared));
    // Publishers fill the workers from the front and subscribers from the back, so
    // with two threads one publishes and the other subscribes.
    for (std::size_t i = 0; i < plan.subscribers.size(); ++i) {
        workers[workers.size() - 1 -
                i % workers.size() % std::max<std::size_t>(1, workers.size() / 2)]
            ->add_subscriber(plan.subscribers[i]);
    }
    // Only the subscribers' own server has confirmed so far what they want.
    if (options.subscriber_port != 0)
        sleep_seconds(options.settle_seconds);
    for (std::size_t i = 0; i < plan.publishers.size(); ++i) {
        workers[i % std::max<std::size_t>(1, workers.size() / 2)]->add_publisher(
            plan.publishers[i]);
    }

    std::vector<std::thread> threads;
    for (auto& worker : workers)
        threads.emplace_back([&worker] { worker->run(); });

    sleep_seconds(options.warmup_seconds);
    const std::uint64_t published_before = shared.published;
    const std::uint64_t received_before = shared.received;
    const ProcessSample begin = sample_processes(options.server_pids);
    sleep_seconds(options.seconds);
    const std::uint64_t published_after = shared.published;
    const std::uint64_t received_after = shared.received;
    const ProcessSample end = sample_processes(options.server_pids);

    // Every publisher's PONG, then every delivery; give up after two idle seconds.
    shared.stop_publishing = true;
    std::uint64_t last_received = shared.received;
    for (std::int64_t last_progress = now_nanos(); now_nanos() - last_progress < 2'000'000'000;) {
        if (shared.publishers_busy <= 0 && shared.received >= shared.expected)
            break;
        sleep_seconds(0.002);
        if (shared.received != last_received) {
            last_received = shared.received;
            last_progress = now_nanos();
        }
    }
    shared.stop_reading = true;
    for (std::thread& thread : threads)
        thread.join();

    double const published = static_cast<double>(published_after - published_before);
    double const received = static_cast<double>(received_after - received_before);
    double const seconds = static_cast<double>(end.wall_nanos - begin.wall_nanos) / 1e9;
    bool const counted = !plan.subscribers.empty();
    report.add("in_per_s", published / seconds);
    report.add("out_per_s", received / seconds);
    report.add("mb_per_s",
               (published + received) * static_cast<double>(options.payload_size) / seconds / 1e6);
    report.add("fan_out", plan.deliveries_per_message);
    report.add("lost",
               static_cast<std::int64_t>(shared.expected - shared.received) * (counted ? 1 : 0));
    report.add_window(begin, end, counted ? received : published);
}

}  // namespace natsload
