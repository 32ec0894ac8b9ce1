// What observation costs the engine's thread and the observer's, in thread CPU time, as rows of a
// table: what, measured, gate, verdict. Ends with the number of gates missed.

#include "engine/base/text.h"
#include "engine/observe/snapshot_maker.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <random>

namespace signalbox {
namespace {

using observe::Observation;
using observe::SubjectId;
using observe::SubjectIds;

constexpr double kLookGateMs = 2.0;
constexpr double kMemoryGateMb = 300;

double cpu_ms() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

double resident_mb() {
    std::ifstream in("/proc/self/statm");
    double all = 0;
    double resident = 0;
    in >> all >> resident;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

double median(std::vector<double> values) {
    auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// Prints a row; answers 1 when the gate, if there is one, was missed.
int row(char const* what, double measured, char const* unit, double gate = 0) {
    bool const missed = gate != 0 && measured > gate;
    if (gate == 0) {
        std::printf("| %s | %.1f %s | | |\n", what, measured, unit);
    } else {
        std::printf("| %s | %.1f %s | at most %g | %s |\n", what, measured, unit, gate,
                    missed ? "**missed**" : "reached");
    }
    std::fflush(stdout);
    return missed ? 1 : 0;
}

/// A watched server with many subjects on three levels below one.
struct Load {
    std::shared_ptr<Observation> server =
        std::make_shared<Observation>(1, observe::Watch::On, 2'000'000);
    SubjectIds& ids = *server->subjects();
    std::vector<SubjectId> given;
    std::mt19937 random{1};
    std::int64_t now_ms = 1'700'000'000'000;

    explicit Load(std::size_t subjects) {
        for (std::size_t i = 0; i < subjects; ++i) {
            given.push_back(ids.id_for(
                "$G", concat("orders.region", i % 50, ".shop", i / 50 % 100, ".item.", i)));
        }
    }

    void publish_at_random(int messages) {
        for (int i = 0; i < messages; ++i) {
            ids.published(given[random() % given.size()],
                          {.bytes = 128, .last_size = 128, .cid = 1, .recipients = 1}, now_ms);
        }
    }
};

double count_ns(std::uint64_t publishers) {
    constexpr std::size_t kMessages = 5'000'000;
    Load load(1'000);
    std::vector<double> rounds;
    for (int round = 0; round < 7; ++round) {
        double const begin = cpu_ms();
        for (std::size_t i = 0; i < kMessages; ++i) {
            load.ids.published(load.given[i % 1'000],
                               {.bytes = 128,
                                .last_size = 128,
                                .cid = 1 + i / 1'000 % publishers,
                                .recipients = 1},
                               load.now_ms + static_cast<std::int64_t>(i / 1'000));
        }
        rounds.push_back((cpu_ms() - begin) * 1e6 / kMessages);
    }
    return median(rounds);
}

double offer_ns(observe::TapFilter filter) {
    constexpr int kMessages = 2'000'000;
    observe::TapRing ring(1024);
    observe::TapCounters counters;
    observe::Tap tap(std::move(filter), ring, counters);
    std::string const payload(128, 'x');
    observe::TapMessage const message{.account = "$G",
                                      .cid = 7,
                                      .subject = "orders.eu.created",
                                      .payload = payload,
                                      .subject_id = 1};
    double const begin = cpu_ms();
    for (int i = 0; i < kMessages; ++i) {
        tap.offer(message, WallTime(), Instant(Duration(i * 1'000)));
        if (ring.front() != nullptr) {
            ring.pop();
        }
    }
    return (cpu_ms() - begin) * 1e6 / kMessages;
}

struct Looks {
    double ms = 0;
    double resident_mb = 0;
};

Looks look(Load& load, int looks) {
    observe::SnapshotMaker maker([](observe::EventRow&) {});
    maker.add(load.server, {.server = 1});
    observe::TreeQuery query;
    query.server = 1;
    maker.set_query(query);
    Instant now(base::seconds(1));
    WallTime wall(base::seconds(1'700'000'000));
    std::vector<double> rounds;
    for (int i = 0; i < looks; ++i) {
        // What a million messages a second leave between two looks.
        load.publish_at_random(50'000);
        now = now + base::milliseconds(50);
        wall = wall + base::milliseconds(50);
        double const begin = cpu_ms();
        observe::Snapshot const snapshot = maker.make(now, wall);
        rounds.push_back(cpu_ms() - begin);
    }
    return {median(rounds), resident_mb()};
}

int run() {
    int missed = 0;
    double const empty = resident_mb();
    {
        Load load(1'000'000);
        missed += row("1 M subjects with their tree, resident", look(load, 3).resident_mb - empty,
                      "MB", kMemoryGateMb);
    }
    {
        Load load(100'000);
        missed += row("a look at 100,000 live subjects (110,000 nodes), 1 M messages/s",
                      look(load, 60).ms, "ms", kLookGateMs);
    }
    row("to count a run of messages, one publisher", count_ns(1), "ns");
    row("to count a run of messages, three publishers in turn", count_ns(3), "ns");
    row("to offer a message to a tap that does not want it", offer_ns({.subject = "stock.>"}),
        "ns");
    row("to offer a message to a tap that takes 1 in 64", offer_ns({.sample = 64}), "ns");
    return missed;
}

}  // namespace
}  // namespace signalbox

int main() {
    return signalbox::run();
}
