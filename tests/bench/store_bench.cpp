// What storage costs on a real disk: `store_bench DIRECTORY [test…]`. One line for each
// measurement.

#include "engine/base/text.h"
#include "engine/consensus/storage.h"
#include "engine/native/native_world.h"
#include "engine/store/segment_store.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace signalbox {
namespace {

using consensus::Applied;
using consensus::KeptStream;
using consensus::LogIndex;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

class PrintErrors final : public base::LogSink {
public:
    void write(LogLevel level, std::string_view line) override {
        if (level == LogLevel::Error || level == LogLevel::Warning) {
            std::printf("log: %.*s\n", static_cast<int>(line.size()), line.data());
        }
    }
};

/// Stores each entry as a message, and proposes the next.
class Publisher final : public consensus::StateMachine {
public:
    Publisher(KeptStream& kept, std::string subject) : kept_(kept), subject_(std::move(subject)) {}

    Applied apply(LogIndex index, Bytes entry) override {
        Result<void> const stored =
            kept_.store->append({.sequence = kept_.store->state().last + 1,
                                 .time = WallTime(Duration(static_cast<std::int64_t>(index))),
                                 .subject = subject_,
                                 .payload = entry});
        CHECK(stored.ok());
        if (on_applied) {
            on_applied();
        }
        return Applied::Done;
    }
    std::string save() const override { return "x"; }
    Result<void> restore(Bytes) override { return {}; }
    void leadership_changed(bool is_leader) override { leader = is_leader; }
    void log_failed(Error const& error) override {
        std::printf("failed: %s\n", error.detail().c_str());
        std::exit(1);
    }

    bool leader = false;
    std::function<void()> on_applied;

private:
    KeptStream& kept_;
    std::string subject_;
};

/// A server's storage on this machine.
class Bench {
public:
    explicit Bench(std::string directory)
        : storage_(world_, log_, {.directory = directory + "/data"}) {
        world_.loop().post([this] {
            storage_.open([this](Result<void> const& done) {
                CHECK(done.ok());
                storage_.replay([this](Result<void> const&) { world_.loop().stop(); });
            });
        });
        world_.loop().run();
    }

    void add_streams(std::size_t count) {
        std::size_t made = 0;
        world_.loop().post([&] {
            for (std::size_t i = 0; i < count; ++i) {
                KeptStream& kept = storage_.create({}, [&](Result<void> const& done) {
                    CHECK(done.ok());
                    if (++made == count) {
                        world_.loop().stop();
                    }
                });
                publishers_.push_back(std::make_unique<Publisher>(kept, concat("bench.", i)));
                kept_.push_back(&kept);
                kept.log->start(*publishers_.back());
            }
        });
        world_.loop().run();
    }

    /// So many entries over all streams, so many of them under way at a time.
    double publish(std::uint64_t entries, std::uint64_t in_flight, std::size_t bytes) {
        std::string const payload(bytes, 'p');
        std::uint64_t proposed = 0;
        std::uint64_t applied = 0;
        auto const next = [&] {
            if (proposed < entries) {
                CHECK(kept_[proposed % kept_.size()]->log->propose(payload).ok());
                ++proposed;
            }
        };
        for (auto const& publisher : publishers_) {
            publisher->on_applied = [&] {
                next();
                if (++applied == entries) {
                    world_.loop().stop();
                }
            };
        }
        Clock::time_point const begin = Clock::now();
        world_.loop().post([&] {
            for (std::uint64_t i = 0; i < in_flight; ++i) {
                next();
            }
        });
        world_.loop().run();
        return static_cast<double>(entries) / seconds_since(begin);
    }

    /// The time of the device alone, for what a lone publish writes.
    double lone_sync(std::string const& path, std::size_t rounds) {
        world_.loop().post([&] {
            world_.disk().set_size(path, std::uint64_t{64} << 20,
                                   [this](Result<void> const&) { world_.loop().stop(); });
        });
        world_.loop().run();
        Clock::time_point const begin = Clock::now();
        std::size_t done = 0;
        auto const content = std::make_shared<std::string>(360, 's');
        std::function<void()> next = [&] {
            world_.disk().write_journal(path, 4096 + done * 360, content, world::Disk::Sync::Now,
                                        [&](Result<void> const&) {
                                            if (++done == rounds) {
                                                world_.loop().stop();
                                            } else {
                                                next();
                                            }
                                        });
        };
        world_.loop().post(next);
        world_.loop().run();
        return seconds_since(begin) / static_cast<double>(rounds);
    }

    native::NativeWorld& world() { return world_; }

    void close() {
        world_.loop().post([this] {
            storage_.close([this](Result<void> const& done) {
                CHECK(done.ok());
                world_.loop().stop();
            });
        });
        world_.loop().run();
    }

private:
    native::NativeWorld world_{"store_bench"};
    PrintErrors sink_;
    Logger log_{sink_};
    consensus::Storage storage_;
    std::vector<std::unique_ptr<Publisher>> publishers_;
    std::vector<KeptStream*> kept_;
};

void measure_publishing(std::string const& directory) {
    Bench bench(directory);
    bench.add_streams(1);
    std::string const spare = directory + "/device";
    std::filesystem::create_directory(spare);
    // In turns, for other work on the machine comes and goes.
    double device = 0;
    double lone = 0;
    constexpr int kRounds = 6;
    for (int round = 0; round < kRounds; ++round) {
        device += bench.lone_sync(concat(spare, "/file", round), 200) / kRounds;
        lone += 1 / bench.publish(200, 1, 200) / kRounds;
    }
    std::printf("one at a time: %.0f us, %.2f of the device's own %.0f us\n", lone * 1e6,
                lone / device, device * 1e6);
    std::printf("1000 in flight, 200 B: %.0f entries/s\n", bench.publish(600'000, 1000, 200));
    bench.add_streams(499);
    std::printf("500 streams in turn, 1000 in flight: %.0f entries/s\n",
                bench.publish(300'000, 1000, 200));
    bench.close();
}

/// Many messages over many subjects, in a store without a journal.
void measure_store(std::string const& directory, std::uint64_t messages, std::uint64_t subjects) {
    native::NativeWorld world("store_bench");
    PrintErrors sink;
    Logger log(sink);
    store::BlockCache cache(world.turn(), std::uint64_t{64} << 20);
    std::filesystem::create_directories(directory);
    store::SegmentStoreOptions const options{
        .stream = 1, .medium = store::Medium::File, .directory = directory + "/one"};
    std::string saved;
    {
        store::SegmentStore store(world, log, cache, options);
        Clock::time_point begin = Clock::now();
        std::string const payload(40, 'p');
        std::string subject;
        for (std::uint64_t i = 1; i <= messages; ++i) {
            subject.clear();
            base::append(subject, "device.", i * 7919 % subjects, ".temp");
            Result<void> const stored =
                store.append({.sequence = i,
                              .time = WallTime(Duration(1'700'000'000'000'000'000 +
                                                        static_cast<std::int64_t>(i) * 7000)),
                              .subject = subject,
                              .payload = payload});
            CHECK(stored.ok());
        }
        std::printf(
            "%lu messages, %lu subjects: %.0f appends/s, %.0f MB of memory, %.1f B/message\n",
            messages, subjects, static_cast<double>(messages) / seconds_since(begin),
            static_cast<double>(store.memory()) / 1e6,
            static_cast<double>(store.memory()) / static_cast<double>(messages));
        saved = store.save();
        world.loop().post([&] { store.sync([&](Result<void> const&) { world.loop().stop(); }); });
        world.loop().run();
        begin = Clock::now();
        std::uint64_t found = 0;
        for (std::uint64_t i = 0; i < 200'000; ++i) {
            subject.clear();
            base::append(subject, "device.", i * 104729 % subjects, ".temp");
            found += store.subject_state(subject) ? 1 : 0;
        }
        std::printf("  subject: %.2f us each (%lu found)\n", seconds_since(begin) * 5, found);
        begin = Clock::now();
        subject::Filter const filter = subject::Filter::parse("device.7.*").value();
        std::uint64_t const few = store.totals({&filter, 1}).messages;
        double const first = seconds_since(begin);
        begin = Clock::now();
        std::uint64_t const again = store.totals({&filter, 1}).messages;
        std::printf("  first wildcard: %.0f ms, then %.1f us (%lu, %lu)\n", first * 1e3,
                    seconds_since(begin) * 1e6, few, again);
    }
    store::SegmentStore store(world, log, cache, options);
    Clock::time_point const begin = Clock::now();
    world.loop().post([&] {
        store.open(saved, [&](Result<void> const& done) {
            CHECK(done.ok());
            world.loop().stop();
        });
    });
    world.loop().run();
    CHECK(store.state().messages == messages);
    std::printf("  reopened in %.2f s\n", seconds_since(begin));
}

}  // namespace
}  // namespace signalbox

int main(int argc, char** argv) {
    if (argc < 2) {
        std::printf("store_bench DIRECTORY [publish] [store]\n");
        return 2;
    }
    std::string const directory = argv[1];
    std::filesystem::create_directories(directory);
    std::string const what = argc > 2 ? argv[2] : "";
    if (what.empty() || what == "publish") {
        signalbox::measure_publishing(directory);
    }
    if (what.empty() || what == "store") {
        signalbox::measure_store(directory + "/a", 5'000'000, 1'000'000);
        signalbox::measure_store(directory + "/b", 5'000'000, 5'000'000);
    }
    return 0;
}
