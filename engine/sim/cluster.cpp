#include "engine/sim/cluster.h"

#include "engine/base/text.h"

#include <algorithm>

namespace signalbox::sim {

namespace {

constexpr int kRoutePort = 6222;

std::string host_of(std::size_t place) {
    return concat("10.0.0.", place + 1);
}

}  // namespace

Cluster::Cluster(ClusterOptions options)
    : routes_(options.routes), universe_(options.seed), log_(universe_.simulation()) {
    fabric().set_default_profile(options.profile);
    for (std::size_t place = 0; place < options.servers; ++place) {
        std::string const machine = concat("server-", place);
        std::string const host = host_of(place);
        universe_.exchange().add_machine(machine, host);
        config::Options own = options.options;
        own.server_name = machine;
        own.listen = {host, 4222};
        add_routes(own, options, place);
        servers_.push_back(
            std::make_unique<SimServer>(universe_, log_, machine, std::move(own), options.watch));
    }
}

void Cluster::add_routes(config::Options& options, ClusterOptions const& cluster,
                         std::size_t place) {
    if (cluster.routes == Routes::None) {
        return;
    }
    options.cluster.listen = {host_of(place), kRoutePort};
    std::size_t const known = cluster.routes == Routes::First ? 1 : cluster.servers;
    for (std::size_t other = 0; other < known; ++other) {
        if (other != place) {
            options.cluster.routes.push_back(
                {.scheme = "nats-route", .host = host_of(other), .port = kRoutePort});
        }
    }
}

bool Cluster::start() {
    for (auto const& server : servers_) {
        server->start();
    }
    return simulation().run_until(
        [this] {
            return std::ranges::all_of(servers_,
                                       [](auto const& server) { return server->ready(); });
        },
        base::seconds(10));
}

SimClient& Cluster::add_client(std::size_t place) {
    std::size_t const number = machines_++;
    std::string const machine = concat("client-", number);
    universe_.exchange().add_machine(machine, concat("10.1.", number / 250, ".", number % 250 + 1));
    // To the checker all servers of a cluster are one.
    std::size_t const hall = routes_ == Routes::None ? place : 0;
    clients_.push_back(std::make_unique<SimClient>(
        universe_, checker_, machine, SimClient::Where{place, hall}, servers_[place]->machine()));
    return *clients_.back();
}

std::unique_ptr<SimWorld> Cluster::add_process(std::string const& machine) {
    std::size_t const number = machines_++;
    universe_.exchange().add_machine(machine, concat("10.1.", number / 250, ".", number % 250 + 1));
    return std::make_unique<SimWorld>(simulation(), universe_.exchange(), machine);
}

bool Cluster::all_clients_connected() const {
    return std::ranges::all_of(clients_, [](auto const& client) {
        return client->client().state() == client::State::Connected;
    });
}

bool Cluster::is_meshed() const {
    std::size_t const running = static_cast<std::size_t>(
        std::ranges::count_if(servers_, [](auto const& server) { return server->ready(); }));
    return std::ranges::all_of(servers_, [&](auto const& server) {
        if (!server->ready()) {
            return true;
        }
        cluster::RouteTable const* const routes = server->server().routes();
        return routes != nullptr && routes->servers().size() + 1 == running &&
               std::ranges::none_of(routes->servers(),
                                    [](auto const& each) { return each.second.has_free_place(); });
    });
}

std::string Cluster::verdict() const {
    std::string out;
    for (std::string const& violation : checker_.violations()) {
        append(out, violation, '\n');
    }
    for (auto const& client : clients_) {
        for (std::string const& complaint : client->complaints()) {
            append(out, client->machine(), ": ", complaint, '\n');
        }
    }
    return out;
}

}  // namespace signalbox::sim
