#pragma once

#include "engine/base/mutex.h"
#include "engine/base/spsc_ring.h"
#include "engine/base/triple_buffer.h"
#include "engine/host/process_figures.h"
#include "engine/observe/observation.h"
#include "engine/observe/server_facts.h"
#include "engine/observe/snapshot.h"
#include "engine/observe/snapshot_maker.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace signalbox::host {

/// The thread that looks at the servers of an engine twenty times a second and makes a snapshot of
/// what it sees.
///
/// Servers are added, updated and removed from the engine's thread; everything else belongs to one
/// other thread, the window's. Neither ever waits for the observer to finish a look.
class Observer {
public:
    static constexpr std::chrono::milliseconds kInterval{50};
    static constexpr std::size_t kEventRows = 16'384;

    Observer();
    ~Observer();

    Observer(Observer const&) = delete;
    Observer& operator=(Observer const&) = delete;

    /// The engine's side. The observation is shared, so that what a server said last can still be
    /// read when it is gone.
    void add(std::shared_ptr<observe::Observation> observation, observe::ServerFacts facts);
    void update(observe::ServerFacts facts);
    void remove(std::uint32_t server);

    /// The window's side: the newest snapshot, or null. Lasts until the next call.
    observe::SnapshotPtr const& latest() { return snapshots_.latest(); }

    void set_tree_query(std::optional<observe::TreeQuery> query);

    /// Takes out what came since, oldest first, at most `limit`; answers how many were.
    std::size_t drain_tap(std::size_t limit,
                          std::function<void(observe::TapRow const&)> const& visit);
    std::size_t drain_events(std::size_t limit,
                             std::function<void(observe::EventRow const&)> const& visit);
    std::size_t drain_log(std::size_t limit,
                          std::function<void(observe::LogRow const&)> const& visit);

private:
    /// A server whose rows the window takes out itself.
    struct Watched {
        std::shared_ptr<observe::Observation> observation;
        bool removed = false;
    };
    using Change = std::function<void(observe::SnapshotMaker&)>;

    void run();
    bool wait_until(std::chrono::steady_clock::time_point time);
    void look();
    void post(Change change);
    std::vector<std::shared_ptr<observe::Observation>> watched();
    void forget_removed();

    base::Mutex mutex_;
    std::condition_variable_any wake_;
    std::vector<Change> changes_ GUARDED_BY(mutex_);
    std::vector<Watched> watched_ GUARDED_BY(mutex_);
    bool stopping_ GUARDED_BY(mutex_) = false;

    base::SpscRing<observe::EventRow> events_{kEventRows};  ///< From the observer to the window.
    base::TripleBuffer<observe::SnapshotPtr> snapshots_;
    observe::SnapshotMaker maker_;  ///< The observer's alone, as is the next.
    ProcessFigures process_;
    std::thread thread_;
};

}  // namespace signalbox::host
