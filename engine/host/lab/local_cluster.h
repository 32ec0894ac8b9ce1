#pragma once

#include "engine/base/result.h"
#include "engine/host/engine.h"
#include "engine/host/lab/cluster_watch.h"
#include "engine/host/lab/link_state.h"
#include "engine/host/lab/plan.h"
#include "engine/host/lab/scenario.h"
#include "engine/host/lab/verdict.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::host::lab {

enum class LocalState {
    Down,
    Starting,
    Running,
    Paused,
    Draining,
    Stopping,
};
/// In lower case, as people read it.
std::string_view name_of(LocalState state);

/// Whether a local cluster can do all that the scenario wants; else why not.
/// Errors: Unavailable.
Result<void> check_local(Scenario const& scenario);

/// A cluster on this machine in real time: each server is an engine of its own in this process,
/// with real sockets on loopback, and the links between them are shaped.
///
/// Belongs to the thread that owns it, the window's, which calls `poll` some twenty times a second.
/// No call waits but the destructor.
class LocalCluster {
public:
    /// The scenario was checked. Its steps are done once it is played.
    explicit LocalCluster(Scenario scenario);
    ~LocalCluster();

    LocalCluster(LocalCluster const&) = delete;
    LocalCluster& operator=(LocalCluster const&) = delete;

    /// Once. Errors: Unavailable (too many ports are taken), and those of `planned_options`.
    Result<void> start();
    void poll();

    /// Now; expectations only while it is played.
    void act(Action const& action);
    /// Begins the scenario's steps; false when they run already or there are none.
    bool play();
    bool playing() const { return play_begin_.has_value(); }
    /// Since the play began; nothing unless one runs.
    std::optional<Duration> play_time() const;

    void set_loads(bool on);
    bool loads() const { return loads_on_; }
    void set_watched(bool watched);

    /// What happened since the last call, oldest first.
    std::vector<TimelineEntry> take_timeline();
    Duration age() const;

    Scenario const& scenario() const { return scenario_; }
    Plan const& plan() const { return *plan_; }
    LinkState const& links() const { return *links_; }
    std::size_t size() const { return servers_.size(); }
    LocalState state(std::size_t server) const { return servers_[server].state; }
    /// Why it is down, for a person; empty: nothing is wrong.
    std::string const& note(std::size_t server) const { return servers_[server].note; }
    /// For commands and rows; its server's number is `number`, 0 while it is down.
    Engine& engine(std::size_t server) { return *servers_[server].engine; }
    ServerNumber number(std::size_t server) const { return servers_[server].number; }
    /// Outcomes of commands that others gave to the engine.
    std::vector<Outcome> take_outcomes(std::size_t server);

    observe::TopologyPtr const& topology();
    LoadFiguresPtr const& figures();

    /// A file for each server, and a README that says how they are run. Errors: Io.
    Result<void> write_configurations(std::string const& folder) const;

private:
    using SteadyTime = std::chrono::steady_clock::time_point;

    struct Server {
        std::unique_ptr<Engine> engine;
        LocalState state = LocalState::Down;
        ServerNumber number = 0;
        std::string note;
        Token starting = 0;
        Token ending = 0;
        bool start_again = false;  ///< Once it has ended.
        std::optional<SteadyTime> resumes;
        std::vector<Outcome> outcomes;
    };

    Result<void> choose_ports();
    void start_server(std::size_t number);
    void end_server(std::size_t number, Deed deed);
    void take(std::size_t number, Outcome const& outcome);
    void ended(std::size_t number);
    void do_to(Deed deed, std::size_t number, std::optional<Duration> time);
    void bring_up_to_date(std::vector<LinkState::Pair> const& pairs);
    void introduce(std::size_t number);
    void say(TimelineEntry::Kind kind, std::string text);
    void compare_links();
    void play_on();

    void run_one(Cut const& cut);
    void run_one(Heal const& heal);
    void run_one(ChangeLink const& change);
    void run_one(Break const& broken);
    void run_one(Act const& act);
    void run_one(SetClock const& clock);
    void run_one(Expect const& expect);

    Scenario const scenario_;
    std::unique_ptr<Plan> plan_;
    std::unique_ptr<LinkState> links_;
    std::vector<Server> servers_;
    std::unique_ptr<ClusterWatch> watch_;
    SteadyTime began_;
    std::vector<TimelineEntry> timeline_;
    std::set<std::string> seen_links_;  ///< In the topology that was compared last.
    observe::TopologyPtr compared_;
    std::optional<SteadyTime> play_begin_;
    std::size_t next_step_ = 0;
    bool loads_on_ = false;
};

}  // namespace signalbox::host::lab
