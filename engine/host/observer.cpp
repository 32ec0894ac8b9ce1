#include "engine/host/observer.h"

#include <algorithm>
#include <utility>

namespace signalbox::host {

namespace {

template <class Row>
std::size_t drain(base::SpscRing<Row>* ring, std::size_t limit,
                  std::function<void(Row const&)> const& visit) {
    std::size_t taken = 0;
    for (; ring != nullptr && taken < limit; ++taken) {
        Row* const row = ring->front();
        if (row == nullptr) {
            break;
        }
        visit(*row);
        ring->pop();
    }
    return taken;
}

}  // namespace

Observer::Observer()
    : maker_([this](observe::EventRow& row) { events_.push(row); }), thread_([this] { run(); }) {}

Observer::~Observer() {
    {
        base::MutexLock const lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

void Observer::add(std::shared_ptr<observe::Observation> observation, observe::ServerFacts facts) {
    {
        base::MutexLock const lock(mutex_);
        watched_.push_back({observation});
    }
    post([observation = std::move(observation), facts = std::move(facts)](
             observe::SnapshotMaker& maker) { maker.add(observation, facts); });
}

void Observer::update(observe::ServerFacts facts) {
    post([facts = std::move(facts)](observe::SnapshotMaker& maker) { maker.update(facts); });
}

void Observer::remove(std::uint32_t server) {
    {
        base::MutexLock const lock(mutex_);
        for (Watched& one : watched_) {
            one.removed = one.removed || one.observation->server() == server;
        }
    }
    post([server](observe::SnapshotMaker& maker) { maker.remove(server); });
}

void Observer::set_tree_query(std::optional<observe::TreeQuery> query) {
    post([query = std::move(query)](observe::SnapshotMaker& maker) { maker.set_query(query); });
}

std::size_t Observer::drain_tap(std::size_t limit,
                                std::function<void(observe::TapRow const&)> const& visit) {
    std::size_t taken = 0;
    for (auto const& observation : watched()) {
        taken += drain(observation->tap_rows(), limit - taken, visit);
    }
    return taken;
}

std::size_t Observer::drain_events(std::size_t limit,
                                   std::function<void(observe::EventRow const&)> const& visit) {
    return drain<observe::EventRow>(&events_, limit,
                                    [&](observe::EventRow const& row) { visit(row); });
}

std::size_t Observer::drain_log(std::size_t limit,
                                std::function<void(observe::LogRow const&)> const& visit) {
    std::size_t taken = 0;
    for (auto const& observation : watched()) {
        taken += drain(observation->log_rows(), limit - taken, visit);
    }
    if (taken < limit) {
        forget_removed();
    }
    return taken;
}

void Observer::run() {
    auto next = std::chrono::steady_clock::now();
    do {
        look();
        next = std::max(next + kInterval, std::chrono::steady_clock::now());
    } while (wait_until(next));
}

/// False when the observer ends.
bool Observer::wait_until(std::chrono::steady_clock::time_point time) {
    base::MutexLock const lock(mutex_);
    while (!stopping_) {
        if (wake_.wait_until(mutex_, time) == std::cv_status::timeout) {
            break;
        }
    }
    return !stopping_;
}

void Observer::look() {
    std::vector<Change> changes;
    {
        base::MutexLock const lock(mutex_);
        changes.swap(changes_);
    }
    for (Change const& change : changes) {
        change(maker_);
    }
    Instant const now(std::chrono::steady_clock::now().time_since_epoch());
    WallTime const wall(std::chrono::system_clock::now().time_since_epoch());
    observe::Snapshot snapshot = maker_.make(now, wall);
    process_.look(now);
    snapshot.events_dropped += events_.dropped();
    snapshot.engine_cpu = process_.cores();
    snapshot.resident_bytes = process_.resident_bytes();
    snapshots_.put(std::make_shared<observe::Snapshot const>(std::move(snapshot)));
}

void Observer::post(Change change) {
    base::MutexLock const lock(mutex_);
    changes_.push_back(std::move(change));
}

std::vector<std::shared_ptr<observe::Observation>> Observer::watched() {
    base::MutexLock const lock(mutex_);
    std::vector<std::shared_ptr<observe::Observation>> all;
    all.reserve(watched_.size());
    for (Watched const& one : watched_) {
        all.push_back(one.observation);
    }
    return all;
}

/// A server that was removed stays until its last rows were taken.
void Observer::forget_removed() {
    base::MutexLock const lock(mutex_);
    std::erase_if(watched_, [](Watched const& one) {
        observe::LogRing* const log = one.observation->log_rows();
        return one.removed && (log == nullptr || log->front() == nullptr);
    });
}

}  // namespace signalbox::host
