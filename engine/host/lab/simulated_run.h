#pragma once

#include "engine/host/lab/judge.h"
#include "engine/host/lab/link_state.h"
#include "engine/host/lab/load_clients.h"
#include "engine/host/lab/scenario.h"
#include "engine/host/lab/verdict.h"
#include "engine/host/topology_watch.h"
#include "engine/sim/run_log.h"
#include "engine/sim/sim_server.h"
#include "engine/sim/universe.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signalbox::host::lab {

/// Runs a scenario in the simulated world: in one thread, in virtual time, from its seed.
class SimulatedRun {
public:
    /// The scenario was checked.
    explicit SimulatedRun(Scenario scenario);
    ~SimulatedRun();

    SimulatedRun(SimulatedRun const&) = delete;
    SimulatedRun& operator=(SimulatedRun const&) = delete;

    /// Once.
    Verdict run();

private:
    /// A client of a load and the process it is.
    struct Client {
        std::unique_ptr<sim::SimWorld> world;
        std::unique_ptr<LoadClient> client;
    };
    Result<void> make_servers();
    bool start_servers();
    void make_watch();
    void make_clients();
    void plan_steps();
    void say(TimelineEntry::Kind kind, std::string text);
    void later(Duration wait, world::Task task);

    void act(Action const& action);
    void run_one(Cut const& cut);
    void run_one(Heal const& heal);
    void run_one(ChangeLink const& change);
    void run_one(Break const& broken);
    void run_one(Act const& act);
    void run_one(SetClock const& clock);
    void run_one(Expect const& expect);
    void do_to(Deed deed, std::size_t server, std::optional<Duration> time);
    void drain(std::size_t server);
    std::vector<std::size_t> servers_at(Places const& places) const;
    std::optional<std::uint32_t> count_peers(Claim claim, std::string const& server) const;
    void bring_up_to_date(std::vector<LinkState::Pair> const& pairs);

    void judge_remains();
    void judge_interest();
    bool somebody_answers(std::size_t server, std::string const& subject);

    void judge_servers();
    Verdict verdict(Verdict::Kind kind, std::string why);

    Scenario const scenario_;
    Plan const plan_;
    LinkState links_;
    sim::Universe universe_;
    sim::RunLog log_;
    DeliveryRecord record_;
    std::unique_ptr<sim::SimWorld> watcher_;  ///< A machine that only looks.
    std::unique_ptr<Judge> judge_;
    std::unique_ptr<TopologyWatch> watch_;  ///< Where the scenario asks for what it tells.
    std::vector<std::unique_ptr<sim::SimServer>> servers_;
    std::vector<Client> clients_;
    std::vector<TimelineEntry> timeline_;
    Instant begin_;
    bool wrong_ = false;
    bool over_ = false;  ///< What clients do now is their end.
};

/// Runs it on the seed it names, or another.
Verdict run_simulated(Scenario const& scenario);

}  // namespace signalbox::host::lab
