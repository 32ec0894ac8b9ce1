#include "engine/host/lab/simulated_run.h"

#include "engine/base/duration_text.h"
#include "engine/base/text.h"
#include "engine/host/lab/plan_options.h"
#include "engine/host/lab/scenario_parser.h"

#include <algorithm>
#include <utility>

namespace signalbox::host::lab {

namespace {

using Kind = TimelineEntry::Kind;

/// Between two machines that nobody said more of.
constexpr Duration kUsualLatency = base::microseconds(200);
constexpr Duration kUntilReady = base::seconds(30);
/// How long what is under way has to arrive at the end.
constexpr Duration kSettle = base::seconds(5);
constexpr Duration kUntilGone = base::minutes(10);
/// Of a pause without an end.
constexpr Duration kLongest = base::hours(48);

/// Only then its servers are monitored, which takes time and messages.
bool asks_for_peers(Scenario const& scenario) {
    return std::ranges::any_of(scenario.steps, [](Step const& step) {
        auto const* expect = std::get_if<Expect>(&step.action);
        return expect != nullptr &&
               (expect->claim == Claim::Routes || expect->claim == Claim::Gateways ||
                expect->claim == Claim::Leafs);
    });
}

sim::LinkProfile profile_of(shape::LinkProfile const& shaped) {
    sim::LinkProfile profile;
    profile.latency = std::max(kUsualLatency, shaped.latency);
    profile.jitter = shaped.jitter;
    profile.bytes_per_second = shaped.bytes_per_second;
    return profile;
}

}  // namespace

SimulatedRun::SimulatedRun(Scenario scenario)
    : scenario_(std::move(scenario)),
      plan_(scenario_.topology, Addressing::Machines),
      links_(plan_),
      universe_(scenario_.seed),
      log_(universe_.simulation()),
      record_(scenario_.loads) {
    universe_.fabric().set_default_profile(profile_of({}));
    universe_.exchange().add_machine("watcher", "10.2.0.1");
    watcher_ =
        std::make_unique<sim::SimWorld>(universe_.simulation(), universe_.exchange(), "watcher");
    judge_ = std::make_unique<Judge>(
        *watcher_, record_, [this](Kind kind, std::string text) { say(kind, std::move(text)); },
        [this](Claim claim, std::string const& server) { return count_peers(claim, server); });
}

SimulatedRun::~SimulatedRun() {
    judge_.reset();
    watch_.reset();
    for (Client& client : clients_) {
        client.client.reset();
    }
}

Result<void> SimulatedRun::make_servers() {
    for (std::size_t i = 0; i < plan_.servers().size(); ++i) {
        PlannedServer const& planned = plan_.servers()[i];
        config::Options options = TRY(planned_options(plan_, i, asks_for_peers(scenario_)));
        universe_.exchange().add_machine(planned.name, planned.host);
        servers_.push_back(
            std::make_unique<sim::SimServer>(universe_, log_, planned.name, std::move(options)));
    }
    bring_up_to_date(links_.shaped());
    return {};
}

bool SimulatedRun::start_servers() {
    for (auto const& server : servers_) {
        server->start();
    }
    return universe_.simulation().run_until(
        [this] {
            return std::ranges::all_of(servers_,
                                       [](auto const& server) { return server->ready(); });
        },
        kUntilReady);
}

void SimulatedRun::make_watch() {
    if (!asks_for_peers(scenario_)) {
        return;
    }
    watcher_->run([this] {
        watch_ = std::make_unique<TopologyWatch>(*watcher_);
        for (std::uint32_t i = 0; i < plan_.servers().size(); ++i) {
            PlannedServer const& server = plan_.servers()[i];
            MonitoringUrl url;
            url.host = server.host;
            url.port = server.ports.monitoring;
            watch_->add(i, server.name,
                        std::make_unique<MonitoringAsking>(*watcher_, url, nullptr));
        }
    });
}

void SimulatedRun::make_clients() {
    std::size_t number = 0;
    for (PlannedClient& planned : plan_clients(plan_, scenario_.loads)) {
        std::string const machine = planned.options.name;
        universe_.exchange().add_machine(machine,
                                         concat("10.1.", number / 250, ".", number % 250 + 1));
        ++number;
        Client client;
        client.world =
            std::make_unique<sim::SimWorld>(universe_.simulation(), universe_.exchange(), machine);
        LoadSpec const& load = scenario_.loads[planned.options.load];
        client.client = std::make_unique<LoadClient>(
            *client.world, load, std::move(planned.options), record_,
            [this](LoadClient const& who, std::string const& server) {
                if (!over_) {
                    say(Kind::Client, server.empty() ? concat(who.name(), " lost its server")
                                                     : concat(who.name(), " is on ", server));
                }
            });
        judge_->add(*client.client);
        clients_.push_back(std::move(client));
    }
    for (Client& client : clients_) {
        client.world->run([&] {
            client.client->start();
            if (client.client->role() == LoadClient::Role::Publisher) {
                // Not all at the same time.
                std::uint64_t const wait = universe_.simulation().entropy().below(10'000);
                client.client->publish_from(begin_ + base::microseconds(wait));
            }
        });
    }
}

void SimulatedRun::say(Kind kind, std::string text) {
    wrong_ = wrong_ || kind == Kind::Broken;
    timeline_.push_back({universe_.simulation().now() - begin_, kind, std::move(text)});
}

void SimulatedRun::later(Duration wait, world::Task task) {
    universe_.simulation().queue().after(wait, std::move(task));
}

void SimulatedRun::plan_steps() {
    for (Step const& step : scenario_.steps) {
        universe_.simulation().queue().at(begin_ + step.at, [this, &step] { act(step.action); });
    }
}

void SimulatedRun::act(Action const& action) {
    if (!std::holds_alternative<Expect>(action)) {
        watcher_->run([this] { judge_->disturbed(links_.longest()); });
        say(Kind::Fault, action_text(action));
    }
    std::visit([this](auto const& one) { run_one(one); }, action);
}

void SimulatedRun::bring_up_to_date(std::vector<LinkState::Pair> const& pairs) {
    sim::Fabric& fabric = universe_.fabric();
    auto const update = [&](std::size_t from, std::size_t to) {
        std::string const& sender = plan_.servers()[from].name;
        std::string const& receiver = plan_.servers()[to].name;
        if (links_.blocked(from, to)) {
            fabric.block(sender, receiver);
        } else {
            fabric.unblock(sender, receiver);
        }
    };
    for (auto const& [a, b] : pairs) {
        fabric.set_profile(plan_.servers()[a].name, plan_.servers()[b].name,
                           profile_of(links_.profile(a, b)));
        update(a, b);
        update(b, a);
    }
}

std::vector<std::size_t> SimulatedRun::servers_at(Places const& places) const {
    // What a scenario names is there: it was checked.
    return plan_.expand(places).value();
}

void SimulatedRun::run_one(Cut const& cut) {
    bring_up_to_date(links_.apply(cut));
}

void SimulatedRun::run_one(Heal const& heal) {
    bring_up_to_date(links_.apply(heal));
}

void SimulatedRun::run_one(ChangeLink const& change) {
    bring_up_to_date(links_.apply(change));
}

void SimulatedRun::run_one(Break const& broken) {
    for (std::size_t const one : servers_at({broken.a})) {
        for (std::size_t const other : servers_at({broken.b})) {
            if (one != other) {
                universe_.fabric().reset_between(plan_.servers()[one].name,
                                                 plan_.servers()[other].name);
            }
        }
    }
}

void SimulatedRun::run_one(Act const& act) {
    for (std::size_t const server : servers_at(act.servers)) {
        do_to(act.deed, server, act.time);
    }
}

void SimulatedRun::run_one(SetClock const& clock) {
    for (std::size_t const server : servers_at(clock.servers)) {
        if (servers_[server]->running()) {
            servers_[server]->world().clock().set_wall_offset(clock.ahead);
        }
    }
}

void SimulatedRun::do_to(Deed deed, std::size_t number, std::optional<Duration> time) {
    sim::SimServer& server = *servers_[number];
    switch (deed) {
        case Deed::Pause:
            server.pause_for(time.value_or(kLongest));
            return;
        case Deed::Resume:
            if (server.running()) {
                server.world().pause_until(universe_.simulation().now());
            }
            return;
        case Deed::Kill:
            server.kill();
            return;
        case Deed::Stop:
            server.stop();
            return;
        case Deed::Restart:
            server.kill();
            server.start();
            return;
        case Deed::Start:
            if (!server.running()) {
                server.start();
            }
            return;
        case Deed::Drain:
            drain(number);
            return;
        case Deed::Unplug:
            server.cut_power();
            return;
    }
}

void SimulatedRun::drain(std::size_t number) {
    sim::SimServer& server = *servers_[number];
    if (!server.ready()) {
        return;
    }
    server.world().run([&server, this] {
        server.server().lame_duck([&server, this] {
            // Not from within: it is on the stack.
            later(Duration(0), [&server] { server.stop(); });
        });
    });
}

void SimulatedRun::run_one(Expect const& expect) {
    watcher_->run([&] { judge_->expect(expect, begin_, begin_ + scenario_.until); });
}

std::optional<std::uint32_t> SimulatedRun::count_peers(Claim claim,
                                                       std::string const& server) const {
    return watch_ ? peers_in(*watch_->make(), claim, server) : std::nullopt;
}

/// Nothing survives its owner: with the clients gone, no server holds one, or what it wanted.
void SimulatedRun::judge_remains() {
    over_ = true;
    universe_.fabric().heal();
    for (auto const& server : servers_) {
        if (server->running()) {
            server->world().pause_until(universe_.simulation().now());
        }
    }
    for (Client& client : clients_) {
        client.world->run([&] { client.client->close(); });
        client.world->pause_until(universe_.simulation().now());
    }
    auto const left = [this]() -> std::string {
        for (auto const& server : servers_) {
            observe::ServerCounters const* const counters =
                server->ready() ? &server->counters() : nullptr;
            if (counters != nullptr && counters->connections.get() > 0) {
                return concat(server->machine(), " still holds ", counters->connections.get(),
                              " connections of clients that are gone");
            }
        }
        return {};
    };
    if (!universe_.simulation().run_until([&] { return left().empty(); }, kUntilGone)) {
        say(Kind::Broken, left());
    }
}

/// Nor does any server remember what its clients wanted, or those of another. Gateways may: they
/// send until they are told that nobody wants it.
void SimulatedRun::judge_interest() {
    if (!scenario_.topology.super_cluster.empty()) {
        return;
    }
    universe_.simulation().run_for(kSettle + 4 * links_.longest());
    for (std::size_t i = 0; i < servers_.size(); ++i) {
        for (LoadSpec const& load : scenario_.loads) {
            if (servers_[i]->ready() && somebody_answers(i, load.subjects.front())) {
                say(Kind::Broken, concat(servers_[i]->machine(), " still knows somebody who wants ",
                                         load.subjects.front(), ", and all are gone"));
            }
        }
    }
}

/// Whether a request there finds anybody: a server that knows of none says so at once.
bool SimulatedRun::somebody_answers(std::size_t server, std::string const& subject) {
    PlannedServer const& planned = plan_.servers()[server];
    client::ClientOptions options;
    options.servers = {{planned.host, planned.ports.client}};
    options.name = "probe";
    client::Client probe(*watcher_, options);
    watcher_->run([&] { probe.connect(); });
    universe_.simulation().run_until([&] { return probe.state() == client::State::Connected; },
                                     kSettle);
    std::optional<bool> nobody;
    Result<void> sent;
    watcher_->run([&] {
        sent =
            probe.request({.subject = subject}, kSettle, [&](Result<client::Reply> const& reply) {
                nobody = reply.ok() && reply.value().no_responders;
            });
    });
    universe_.simulation().run_until([&] { return !sent.ok() || nobody.has_value(); }, 2 * kSettle);
    return !nobody.value_or(false);
}

void SimulatedRun::judge_servers() {
    for (auto const& server : servers_) {
        if (!server->failure().empty()) {
            say(Kind::Broken, concat(server->machine(), " did not start: ", server->failure()));
        }
    }
    for (Client const& each : clients_) {
        for (std::string const& complaint : each.client->complaints()) {
            say(Kind::Broken, complaint);
        }
    }
    for (std::string const& violation : record_.violations()) {
        say(Kind::Broken, violation);
    }
}

Verdict SimulatedRun::verdict(Verdict::Kind kind, std::string why) {
    Verdict verdict;
    verdict.kind = kind;
    verdict.why = std::move(why);
    verdict.timeline = std::move(timeline_);
    verdict.fingerprint = universe_.simulation().fingerprint().value();
    verdict.simulated = universe_.simulation().now() - begin_;
    for (std::size_t load = 0; load < scenario_.loads.size(); ++load) {
        verdict.published += record_.totals(load).published;
        verdict.received += record_.totals(load).received;
    }
    if (kind != Verdict::Kind::Right) {
        verdict.log = log_.last_lines();
    }
    return verdict;
}

Verdict SimulatedRun::run() {
    if (Result<void> const made = make_servers(); !made.ok()) {
        return verdict(Verdict::Kind::Unusable, made.error().detail());
    }
    begin_ = universe_.simulation().now();
    if (!start_servers()) {
        std::string why = "the servers are not ready in time";
        for (auto const& server : servers_) {
            if (!server->failure().empty()) {
                why = concat(server->machine(), ": ", server->failure());
            }
        }
        return verdict(Verdict::Kind::Unusable, std::move(why));
    }
    begin_ = universe_.simulation().now();
    say(Kind::Server, servers_.size() == 1 ? std::string("the server is ready")
                                           : concat("all ", servers_.size(), " servers are ready"));
    make_watch();
    make_clients();
    plan_steps();
    universe_.simulation().run_for(scenario_.until);
    for (Client& client : clients_) {
        client.client->stop_publishing();
    }
    universe_.simulation().run_for(kSettle + 4 * links_.longest());
    watcher_->run([this] { judge_->finish(); });
    judge_remains();
    judge_interest();
    judge_servers();
    return verdict(wrong_ ? Verdict::Kind::Wrong : Verdict::Kind::Right, {});
}

Verdict run_simulated(Scenario const& scenario) {
    return SimulatedRun(scenario).run();
}

}  // namespace signalbox::host::lab
