#pragma once

#include "engine/host/lab/delivery_record.h"
#include "engine/host/lab/plan.h"
#include "engine/host/lab/scenario.h"
#include "engine/host/lab/verdict.h"
#include "engine/observe/topology.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace signalbox::host::lab {

/// A client of a load, as it stands.
struct LoadClientRow {
    std::string name;
    std::string server;  ///< Empty: it is connected to none.
    bool publishes = false;
};

/// What the loads of a cluster do.
struct LoadFigures {
    struct Load {
        std::string name;
        DeliveryRecord::Totals totals;
    };
    std::vector<Load> loads;
    std::vector<LoadClientRow> clients;
    std::uint64_t violations = 0;
};
using LoadFiguresPtr = std::shared_ptr<LoadFigures const>;

/// Something the watch has to say; when, whoever asks notes.
struct Finding {
    TimelineEntry::Kind kind = TimelineEntry::Kind::Check;
    std::string text;
};

/// The thread that looks at a local cluster, over the monitoring of its servers, and runs its
/// loads: real clients over real sockets.
///
/// All calls may come from one other thread, the owner's. None blocks but the destructor.
class ClusterWatch {
public:
    ClusterWatch(Plan const& plan, std::vector<LoadSpec> loads);
    ~ClusterWatch();

    ClusterWatch(ClusterWatch const&) = delete;
    ClusterWatch& operator=(ClusterWatch const&) = delete;

    void start_loads();
    void stop_loads();
    /// Whether anyone looks at the topology.
    void set_watched(bool watched);

    /// Of a scenario that is played: see `Judge`. Told in `take_findings`.
    void expect(Expect const& expect, Duration since_begin, Duration until);
    void disturbed(Duration longest);
    void finish();

    std::vector<Finding> take_findings();
    /// Null until there is one.
    observe::TopologyPtr const& topology();
    LoadFiguresPtr const& figures();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace signalbox::host::lab
