#include "engine/host/lab/local_cluster.h"

#include "engine/base/duration_text.h"
#include "engine/base/text.h"
#include "engine/host/lab/configuration_files.h"
#include "engine/host/lab/free_ports.h"
#include "engine/host/lab/plan_options.h"
#include "engine/host/lab/scenario_parser.h"
#include "engine/shape/shaped_network.h"

#include <algorithm>
#include <array>
#include <utility>

namespace signalbox::host::lab {

namespace {

using Kind = TimelineEntry::Kind;

/// Between two choices of ports; no plan has more servers.
constexpr std::uint16_t kPortStep = 50;
constexpr std::uint16_t kMostPortSteps = 15;
/// How long what is under way has to arrive at the end of a play.
constexpr Duration kSettle = base::seconds(2);

std::string_view word_of(observe::TopologyLinkKind kind) {
    switch (kind) {
        case observe::TopologyLinkKind::Route:
            return "route";
        case observe::TopologyLinkKind::Gateway:
            return "gateway";
        case observe::TopologyLinkKind::Leaf:
            return "leaf node";
    }
    return {};
}

}  // namespace

std::string_view name_of(LocalState state) {
    switch (state) {
        case LocalState::Down:
            return "down";
        case LocalState::Starting:
            return "starting";
        case LocalState::Running:
            return "running";
        case LocalState::Paused:
            return "paused";
        case LocalState::Draining:
            return "lame duck";
        case LocalState::Stopping:
            return "stopping";
    }
    return {};
}

Result<void> check_local(Scenario const& scenario) {
    for (Step const& step : scenario.steps) {
        auto const* act = std::get_if<Act>(&step.action);
        if ((act != nullptr && act->deed == Deed::Unplug) ||
            std::holds_alternative<SetClock>(step.action)) {
            return Error(Errc::Unavailable, concat("only the simulated world can do this: ",
                                                   action_text(step.action)));
        }
    }
    return {};
}

LocalCluster::LocalCluster(Scenario scenario) : scenario_(std::move(scenario)) {
    plan_ = std::make_unique<Plan>(scenario_.topology, Addressing::Loopback);
    links_ = std::make_unique<LinkState>(*plan_);
    servers_.resize(plan_->servers().size());
}

LocalCluster::~LocalCluster() {
    watch_.reset();
    // All of them end together, and not each after the other's patience.
    for (Server& server : servers_) {
        if (server.engine) {
            server.engine->resume();
            server.engine->post(KillServer{server.number});
        }
    }
}

Result<void> LocalCluster::choose_ports() {
    for (std::uint16_t step = 0; step < kMostPortSteps; ++step) {
        auto plan = std::make_unique<Plan>(scenario_.topology, Addressing::Loopback,
                                           static_cast<std::uint16_t>(step * kPortStep));
        bool const free = std::ranges::all_of(plan->servers(), [](PlannedServer const& server) {
            Ports const& ports = server.ports;
            return std::ranges::all_of(
                std::array{ports.client, ports.monitoring, ports.route, ports.gateway, ports.leaf},
                [](std::uint16_t port) { return port == 0 || is_free_port(port); });
        });
        if (free) {
            plan_ = std::move(plan);
            links_ = std::make_unique<LinkState>(*plan_);
            return {};
        }
    }
    return Error(Errc::Unavailable, "the ports from 4222 on, and of routes, are taken");
}

Result<void> LocalCluster::start() {
    TRY(choose_ports());
    began_ = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        // What a scenario's own settings say wrong is told before anything runs.
        TRY(planned_options(*plan_, i, true));
    }
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        servers_[i].engine = std::make_unique<Engine>(EngineOptions{
            .program_name = "signalbox", .log = nullptr, .observe = true, .shaped = true});
        introduce(i);
        start_server(i);
    }
    bring_up_to_date(links_->shaped());
    watch_ = std::make_unique<ClusterWatch>(*plan_, scenario_.loads);
    return {};
}

/// Tells an engine who is reached where.
void LocalCluster::introduce(std::size_t number) {
    servers_[number].engine->shape([number, plan = *plan_](shape::ShapedNetwork& network) {
        for (std::size_t peer = 0; peer < plan.servers().size(); ++peer) {
            PlannedServer const& server = plan.servers()[peer];
            for (std::uint16_t const port :
                 {server.ports.route, server.ports.gateway, server.ports.leaf}) {
                if (peer != number && port != 0) {
                    network.add_peer({server.host, port}, server.name);
                }
            }
        }
    });
}

void LocalCluster::start_server(std::size_t number) {
    Server& server = servers_[number];
    Result<config::Options> options = planned_options(*plan_, number, true);
    if (!options.ok()) {
        server.note = options.error().detail();
        return;
    }
    server.state = LocalState::Starting;
    server.note.clear();
    server.starting = server.engine->post(StartServer{std::move(options).value()});
}

void LocalCluster::end_server(std::size_t number, Deed deed) {
    Server& server = servers_[number];
    if (server.number == 0 || server.state == LocalState::Stopping) {
        return;
    }
    if (deed == Deed::Drain) {
        server.state = LocalState::Draining;
        server.ending = server.engine->post(EnterLameDuck{server.number});
        return;
    }
    server.state = LocalState::Stopping;
    server.ending = deed == Deed::Stop ? server.engine->post(StopServer{server.number})
                                       : server.engine->post(KillServer{server.number});
    // One that stands still ends as well.
    server.engine->resume();
    server.resumes.reset();
}

void LocalCluster::do_to(Deed deed, std::size_t number, std::optional<Duration> time) {
    Server& server = servers_[number];
    switch (deed) {
        case Deed::Pause:
            if (server.number != 0) {
                server.engine->pause();
                server.state = LocalState::Paused;
                server.resumes.reset();
                if (time) {
                    server.resumes = std::chrono::steady_clock::now() + *time;
                }
            }
            return;
        case Deed::Resume:
            if (server.state == LocalState::Paused) {
                server.engine->resume();
                server.state = LocalState::Running;
                server.resumes.reset();
            }
            return;
        case Deed::Start:
            if (server.state == LocalState::Down) {
                start_server(number);
            } else if (server.state == LocalState::Stopping) {
                server.start_again = true;
            }
            return;
        case Deed::Restart:
            if (server.state == LocalState::Down) {
                start_server(number);
            } else {
                server.start_again = true;
                end_server(number, Deed::Kill);
            }
            return;
        case Deed::Kill:
        case Deed::Stop:
        case Deed::Drain:
            end_server(number, deed);
            return;
        case Deed::Unplug:
            return;  // Refused before.
    }
}

void LocalCluster::bring_up_to_date(std::vector<LinkState::Pair> const& pairs) {
    auto const update = [this](std::size_t own, std::size_t peer) {
        shape::Way const way{.profile = links_->profile(own, peer),
                             .blocked_out = links_->blocked(own, peer),
                             .blocked_in = links_->blocked(peer, own)};
        if (servers_[own].engine) {
            servers_[own].engine->shape(
                [name = plan_->servers()[peer].name, way](shape::ShapedNetwork& network) {
                    network.set_way(name, way);
                });
        }
    };
    for (auto const& [a, b] : pairs) {
        update(a, b);
        update(b, a);
    }
}

void LocalCluster::act(Action const& action) {
    if (!std::holds_alternative<Expect>(action)) {
        say(Kind::Fault, action_text(action));
        if (watch_) {
            watch_->disturbed(links_->longest());
        }
    }
    std::visit([this](auto const& one) { run_one(one); }, action);
}

void LocalCluster::run_one(Cut const& cut) {
    bring_up_to_date(links_->apply(cut));
}

void LocalCluster::run_one(Heal const& heal) {
    bring_up_to_date(links_->apply(heal));
}

void LocalCluster::run_one(ChangeLink const& change) {
    bring_up_to_date(links_->apply(change));
}

void LocalCluster::run_one(Break const& broken) {
    Result<std::vector<std::size_t>> const a = plan_->expand({broken.a});
    Result<std::vector<std::size_t>> const b = plan_->expand({broken.b});
    if (!a.ok() || !b.ok()) {
        return;
    }
    auto const reset = [this](std::size_t own, std::size_t peer) {
        servers_[own].engine->shape([name = plan_->servers()[peer].name](
                                        shape::ShapedNetwork& network) { network.reset(name); });
    };
    for (std::size_t const one : a.value()) {
        for (std::size_t const other : b.value()) {
            if (one != other) {
                reset(one, other);
                reset(other, one);
            }
        }
    }
}

void LocalCluster::run_one(Act const& act) {
    Result<std::vector<std::size_t>> const servers = plan_->expand(act.servers);
    if (servers.ok()) {
        for (std::size_t const server : servers.value()) {
            do_to(act.deed, server, act.time);
        }
    }
}

void LocalCluster::run_one(SetClock const&) {}

void LocalCluster::run_one(Expect const& expect) {
    if (std::optional<Duration> const since = play_time(); since && watch_) {
        watch_->expect(expect, *since, scenario_.until);
    }
}

void LocalCluster::take(std::size_t number, Outcome const& outcome) {
    Server& server = servers_[number];
    std::string const& name = plan_->servers()[number].name;
    if (outcome.token == server.starting) {
        server.starting = 0;
        if (outcome.error) {
            server.state = LocalState::Down;
            server.note = outcome.error->detail();
            say(Kind::Broken, concat(name, " did not start: ", server.note));
            return;
        }
        server.number = outcome.server;
        server.state = LocalState::Running;
        say(Kind::Server, concat(name, " is up"));
    } else if (outcome.token == server.ending) {
        ended(number);
    } else {
        server.outcomes.push_back(outcome);
    }
}

void LocalCluster::ended(std::size_t number) {
    Server& server = servers_[number];
    server.ending = 0;
    server.number = 0;
    server.state = LocalState::Down;
    say(Kind::Server, concat(plan_->servers()[number].name, " is down"));
    if (std::exchange(server.start_again, false)) {
        start_server(number);
    }
}

void LocalCluster::poll() {
    auto const now = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        if (!servers_[i].engine) {
            continue;
        }
        for (Outcome const& outcome : servers_[i].engine->take_outcomes()) {
            take(i, outcome);
        }
        if (servers_[i].resumes && *servers_[i].resumes <= now) {
            act(Act{Deed::Resume, {plan_->servers()[i].name}, std::nullopt});
        }
    }
    if (watch_) {
        for (Finding& finding : watch_->take_findings()) {
            say(finding.kind, std::move(finding.text));
        }
        compare_links();
    }
    play_on();
}

/// Says which links came and went since the last look.
void LocalCluster::compare_links() {
    observe::TopologyPtr const& topology = watch_->topology();
    if (!topology || topology == compared_) {
        return;
    }
    compared_ = topology;
    std::set<std::string> now;
    for (observe::TopologyLink const& link : topology->links) {
        now.insert(concat(word_of(link.kind), " ", link.from,
                          link.kind == observe::TopologyLinkKind::Route ? " – " : " → ", link.to));
    }
    for (std::string const& link : now) {
        if (!seen_links_.contains(link)) {
            say(Kind::Link, concat(link, " is connected"));
        }
    }
    for (std::string const& link : seen_links_) {
        if (!now.contains(link)) {
            say(Kind::Link, concat(link, " is lost"));
        }
    }
    seen_links_ = std::move(now);
}

bool LocalCluster::play() {
    if (playing() || scenario_.steps.empty()) {
        return false;
    }
    set_loads(true);
    play_begin_ = std::chrono::steady_clock::now();
    next_step_ = 0;
    say(Kind::Check, "the scenario begins");
    return true;
}

std::optional<Duration> LocalCluster::play_time() const {
    return play_begin_ ? std::optional<Duration>(std::chrono::steady_clock::now() - *play_begin_)
                       : std::nullopt;
}

void LocalCluster::play_on() {
    std::optional<Duration> const time = play_time();
    if (!time) {
        return;
    }
    while (next_step_ < scenario_.steps.size() && scenario_.steps[next_step_].at <= *time) {
        act(scenario_.steps[next_step_++].action);
    }
    if (*time >= scenario_.until + kSettle) {
        watch_->finish();
        play_begin_.reset();
        say(Kind::Check, "the scenario is over");
    }
}

void LocalCluster::set_loads(bool on) {
    if (loads_on_ == on || !watch_) {
        return;
    }
    loads_on_ = on;
    if (on) {
        watch_->start_loads();
    } else {
        watch_->stop_loads();
    }
}

void LocalCluster::set_watched(bool watched) {
    if (watch_) {
        watch_->set_watched(watched);
    }
}

void LocalCluster::say(TimelineEntry::Kind kind, std::string text) {
    timeline_.push_back({age(), kind, std::move(text)});
}

std::vector<TimelineEntry> LocalCluster::take_timeline() {
    return std::exchange(timeline_, {});
}

Duration LocalCluster::age() const {
    return std::chrono::steady_clock::now() - began_;
}

std::vector<Outcome> LocalCluster::take_outcomes(std::size_t server) {
    return std::exchange(servers_[server].outcomes, {});
}

observe::TopologyPtr const& LocalCluster::topology() {
    return watch_ ? watch_->topology() : compared_;
}

LoadFiguresPtr const& LocalCluster::figures() {
    return watch_->figures();
}

Result<void> LocalCluster::write_configurations(std::string const& folder) const {
    return lab::write_configurations(*plan_, folder);
}

}  // namespace signalbox::host::lab
