#pragma once

#include "engine/host/lab/delivery_record.h"
#include "engine/host/lab/load_client.h"
#include "engine/host/lab/verdict.h"
#include "engine/observe/topology.h"
#include "engine/world/world.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::host::lab {

/// Of `Claim::Routes`, `Gateways` and `Leafs`; nothing when that server does not answer.
std::optional<std::uint32_t> peers_in(observe::Topology const& topology, Claim claim,
                                      std::string const& name);

/// Says whether what a scenario expects came true. Belongs to the thread of its world, and knows
/// no server: whoever runs them says how many peers one has.
class Judge {
public:
    using Say = std::function<void(TimelineEntry::Kind, std::string)>;
    /// As `peers_in` does.
    using CountPeers = std::function<std::optional<std::uint32_t>(Claim, std::string const&)>;

    Judge(World& world, DeliveryRecord& record, Say say, CountPeers count_peers);
    ~Judge();

    Judge(Judge const&) = delete;
    Judge& operator=(Judge const&) = delete;

    /// Those whose place it may be asked for; they outlive it.
    void add(LoadClient const& client) { clients_.push_back(&client); }

    /// `begin` is the scenario's time zero, `end` when its clients stop.
    void expect(Expect const& expect, Instant begin, Instant end);

    /// Something is done that messages may meet which take up to `longest` over one way.
    void disturbed(Duration longest);

    /// Once everything had time to arrive.
    void finish();

    /// So many have not been told yet; deliveries, which are told at the end, do not count.
    std::size_t waiting() const { return waiting_.size(); }

private:
    struct Window {
        Instant begin;
        Instant asked;
        Instant from;
        Instant to;
        Duration within{0};
    };
    struct Waiting {
        Expect expect;
        Instant asked;
        Instant deadline;
    };

    void expect_delivery(Expect const& expect, Instant begin, Instant end);
    void look();
    bool tell(Waiting const& one);
    bool met(Expect const& expect) const;
    std::string unmet(Expect const& expect) const;
    std::uint32_t clients_on(std::string const& server) const;
    std::optional<std::uint32_t> count(Expect const& expect) const;
    std::string unconnected() const;
    void judge(Window const& window);

    World& world_;
    DeliveryRecord& record_;
    Say const say_;
    CountPeers const count_peers_;
    std::vector<LoadClient const*> clients_;
    std::vector<Window> windows_;
    std::vector<Waiting> waiting_;
    world::TimerId timer_;
    world::TimerId settling_;  ///< Until the bound of the newest window.
};

}  // namespace signalbox::host::lab
