#include "engine/sim/nemesis.h"

namespace signalbox::sim {

using base::milliseconds;
using base::seconds;

namespace {

/// A way on which a reader falls behind: some 20 KB a second in small pieces.
LinkProfile slow_way() {
    return {.latency = milliseconds(50),
            .jitter = milliseconds(30),
            .bytes_per_second = 20'000,
            .window = 16'384,
            .cuts_per_hundred = 50,
            .largest_piece = 300};
}

}  // namespace

Duration Nemesis::up_to(Duration most) {
    // In microseconds, for the bound of a draw has 32 bits.
    auto const bound = static_cast<std::uint64_t>(most.count() / 1000);
    return base::microseconds(cluster_.simulation().entropy().below(bound) + 1);
}

void Nemesis::start() {
    active_ = true;
    next_ =
        cluster_.simulation().queue().after(up_to(2 * options_.mean_interval), [this] { act(); });
}

void Nemesis::later(Duration most, world::Task task) {
    cluster_.simulation().queue().after(up_to(most), std::move(task));
}

void Nemesis::act() {
    SimEntropy& chance = cluster_.simulation().entropy();
    auto& clients = cluster_.clients();
    if (options_.between_servers && chance.below(3) == 0) {
        harm_route();
        start();
        return;
    }
    SimClient& client = *clients[chance.below(clients.size())];
    std::uint64_t const kind = chance.below(100);
    if (kind < 35) {
        break_link(client);
    } else if (kind < 65) {
        harm_way(client);
    } else if (kind < 85 || !options_.server_restarts) {
        pause_process(client);
    } else {
        harm_server(cluster_.server(chance.below(cluster_.servers().size())));
    }
    start();
}

void Nemesis::break_link(SimClient& client) {
    std::vector<ConnectionId> const links = cluster_.fabric().connections_of(client.machine());
    if (links.empty()) {
        return;
    }
    if (cluster_.simulation().entropy().below(2) == 0) {
        ++deeds_["reset"];
        cluster_.fabric().reset(links.back());
    } else {
        // For ever, as far as both sides know, unless they ask.
        ++deeds_["hold"];
        cluster_.fabric().hold(links.back());
        held_.push_back(links.back());
    }
}

void Nemesis::harm_way(SimClient& client) {
    std::string const server = cluster_.server(client.place()).machine();
    if (cluster_.simulation().entropy().below(3) > 0) {
        ++deeds_["slow"];
        cluster_.fabric().set_profile(client.machine(), server, slow_way());
        slowed_.insert(client.machine());
        return;
    }
    ++deeds_["partition"];
    bool const both_ways = cluster_.simulation().entropy().below(2) == 0;
    cluster_.fabric().block(server, client.machine());
    if (both_ways) {
        cluster_.fabric().block(client.machine(), server);
    }
    // Heals every other partition too: that they end by chance is all that is asked.
    later(seconds(3), [&fabric = cluster_.fabric()] { fabric.heal(); });
}

/// Two servers lose a connection, or do not hear each other for a while.
void Nemesis::harm_route() {
    SimEntropy& chance = cluster_.simulation().entropy();
    auto const& servers = cluster_.servers();
    std::size_t const one = chance.below(servers.size());
    std::size_t const other = (one + 1 + chance.below(servers.size() - 1)) % servers.size();
    std::string const& a = servers[one]->machine();
    std::string const& b = servers[other]->machine();
    std::vector<ConnectionId> const links = cluster_.fabric().connections_of(a);
    std::uint64_t const kind = chance.below(4);
    if (kind == 0 && !links.empty()) {
        ++deeds_["server link reset"];
        cluster_.fabric().reset(links[chance.below(links.size())]);
    } else if (kind == 1 && !links.empty()) {
        ++deeds_["server link hold"];
        ConnectionId const link = links[chance.below(links.size())];
        cluster_.fabric().hold(link);
        held_.push_back(link);
    } else if (kind == 2) {
        ++deeds_["slow route"];
        cluster_.fabric().set_profile(a, b, slow_way());
        later(seconds(5), [&fabric = cluster_.fabric(), a, b] { fabric.clear_profile(a, b); });
    } else {
        ++deeds_["servers apart"];
        cluster_.fabric().block(a, b);
        if (chance.below(2) == 0) {
            cluster_.fabric().block(b, a);
        }
        later(seconds(5), [&fabric = cluster_.fabric()] { fabric.heal(); });
    }
}

void Nemesis::pause_process(SimClient& client) {
    ++deeds_["pause"];
    client.world().pause_until(cluster_.simulation().now() + up_to(seconds(5)));
}

void Nemesis::harm_server(SimServer& server) {
    if (!server.running()) {
        return;
    }
    std::uint64_t const kind = cluster_.simulation().entropy().below(5);
    if (kind == 0) {
        ++deeds_["server pause"];
        server.pause_for(up_to(seconds(1)));
        return;
    }
    if (kind == 1) {
        ++deeds_["clock jump"];
        server.world().clock().set_wall_offset(up_to(base::hours(1)));
        return;
    }
    if (kind == 2) {
        ++deeds_["server stop"];
        server.stop();
    } else if (kind == 3) {
        ++deeds_["server kill"];
        server.kill();
    } else {
        ++deeds_["power cut"];
        server.cut_power();
    }
    later(seconds(3), [&server] {
        if (!server.running()) {
            server.start();
        }
    });
}

void Nemesis::stop() {
    if (!active_) {
        return;
    }
    active_ = false;
    cluster_.simulation().queue().cancel(next_);
    cluster_.fabric().heal();
    for (ConnectionId const id : held_) {
        cluster_.fabric().release(id);
    }
    for (auto const& client : cluster_.clients()) {
        client->world().pause_until(cluster_.simulation().now());
        if (slowed_.contains(client->machine())) {
            cluster_.fabric().clear_profile(client->machine(),
                                            cluster_.server(client->place()).machine());
        }
    }
    // Those on their way down come up by themselves; what waits for longer comes up now.
    for (auto const& server : cluster_.servers()) {
        if (!server->running()) {
            server->start();
        }
    }
}

}  // namespace signalbox::sim
